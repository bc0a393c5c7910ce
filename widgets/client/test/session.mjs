// `node session.mjs STEPS`: runs src/session.ts as a page would. STEPS is JSON, a list of the function's name and its
// arguments but for the signal; the values that they resolve to are printed as JSON. `$TOKEN` stands for the last one begun.
import { fileURLToPath } from "node:url";
import { build } from "vite";

const [{ output }] = await build({
  configFile: false,
  logLevel: "warn",
  build: {
    write: false,
    minify: false,
    lib: { entry: fileURLToPath(new URL("../src/session.ts", import.meta.url)), formats: ["es"], fileName: "session" },
  },
});
const { beginSession, endSession } = await import(`data:text/javascript,${encodeURIComponent(output[0].code)}`);

const found = [];
let token;
for (const [name, gateway, given] of JSON.parse(process.argv[2])) {
  if (name === "begin") {
    const begun = await beginSession(gateway, given ?? undefined, AbortSignal.timeout(10_000));
    token = begun.session?.token ?? token;
    found.push(begun);
  } else {
    found.push(await endSession({ ...gateway, token: gateway.token ?? token }, given ?? {}));
  }
}
console.log(JSON.stringify(found));
