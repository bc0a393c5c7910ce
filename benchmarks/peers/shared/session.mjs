// Who asks, from the token; every server verifies it, and a verified one is kept until it expires.
import { createVerifier } from "fast-jwt";

const verify = createVerifier({ key: process.env.SESSION_SECRET, algorithms: ["HS256"], cache: 10_000 });

export function sessionOf(authorization) {
  const claims = verify(authorization.slice("Bearer ".length));
  return { shop: claims.shop, customerId: claims.sub };
}
