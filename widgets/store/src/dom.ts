type Child = Node | string | null | undefined | false | readonly Child[];

/** Attributes by name; `vars` are CSS custom properties, `on…` are listeners. What is null or false is left out. */
type Attributes = Readonly<Record<string, string | number | boolean | null | undefined | ((event: Event) => void)>>;

/** Make an element. Text goes in as text nodes only: nothing from data is ever read as HTML. */
export function el<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  attributes: Attributes = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[Tag] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (typeof value === "function") element.addEventListener(name.slice(2), value);
    else if (name.startsWith("--")) element.style.setProperty(name, String(value));
    else element.setAttribute(name, value === true ? "" : String(value));
  }
  element.append(...flat(children));
  return element;
}

function flat(children: readonly Child[]): (Node | string)[] {
  return children.flatMap((child): (Node | string)[] => {
    if (child === null || child === undefined || child === false) return [];
    return child instanceof Node || typeof child === "string" ? [child] : flat(child);
  });
}

export function byId(id: string): HTMLElement {
  const found = document.getElementById(id);
  if (!found) throw new Error(`The page has no #${id}.`);
  return found;
}

/** The picture of a product that the demo draws itself; the catalogue's are at a host that nothing answers to. */
export function picture(handle: string | null | undefined, size: number): HTMLImageElement {
  return el("img", { src: `/demo/pictures/${handle ?? "gone"}.svg`, width: size, height: size, alt: "", loading: "lazy" });
}

/** A handle out of a picture's address: the file is named after the product. */
export function handleOf(url: string | undefined): string {
  return (url ?? "").split("/").pop()?.replace(/(_\d+x\d+)?\.\w+$/, "") || "gone";
}
