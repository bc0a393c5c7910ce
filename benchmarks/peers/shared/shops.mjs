import { readFileSync } from "node:fs";

// By domain: { id, currency, token }.
export const shops = JSON.parse(readFileSync(process.env.SHOPS_FILE, "utf8"));
