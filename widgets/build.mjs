// Builds every widget and the store's own script into one folder, each file of its own and without a hash in its name:
// a page's script tag stays as it is when a widget is mended. `--out FOLDER` builds elsewhere, to compare.
import { parseArgs } from "node:util";
import { fileURLToPath } from "node:url";
import react from "@vitejs/plugin-react";
import vue from "@vitejs/plugin-vue";
import { build } from "vite";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const { values } = parseArgs({ options: { out: { type: "string", default: here("../gateway/demo/assets") } } });

const ENTRIES = {
  "rc-subscription-picker": "subscription-picker/src/element.tsx",
  "rc-loyalty-panel": "loyalty-panel/src/element.ts",
  store: "store/src/main.ts",
};

for (const [name, entry] of Object.entries(ENTRIES)) {
  await build({
    root: here("."),
    configFile: false,
    logLevel: "warn",
    plugins: [react(), vue({ features: { customElement: true } })],
    define: {
      "process.env.NODE_ENV": JSON.stringify("production"),
      __VUE_OPTIONS_API__: "false",
      __VUE_PROD_DEVTOOLS__: "false",
      __VUE_PROD_HYDRATION_MISMATCH_DETAILS__: "false",
    },
    build: {
      outDir: values.out,
      emptyOutDir: false,
      target: "es2022",
      // A plain script: it loads from another host without CORS, and knows its own address.
      lib: { entry: here(entry), name: name.replace(/-(\w)/g, (_, letter) => letter.toUpperCase()), formats: ["iife"], fileName: () => `${name}.js` },
      license: { fileName: `${name}.licenses.md` },
    },
  });
}
