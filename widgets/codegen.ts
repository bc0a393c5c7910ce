import type { CodegenConfig } from "@graphql-codegen/cli";
import type { ClientPresetConfig } from "@graphql-codegen/client-preset";

const presetConfig: ClientPresetConfig = {
  fragmentMasking: false,
  // The hash travels in the bundle, next to the text: a gateway that trusts the document is asked by the hash.
  persistedDocuments: { mode: "embedHashInDocument", hashPropertyName: "documentId", hashAlgorithm: "sha256" },
};

const generated = (owner: string): CodegenConfig["generates"] => ({
  [`${owner}/src/generated/`]: {
    preset: "client",
    presetConfig,
    documents: [`${owner}/src/**/*.graphql`],
    config: {
      documentMode: "string",
      enumsAsTypes: true,
      useTypeImports: true,
      strictScalars: true,
      scalars: { Date: "string", DateTime: "string", Decimal: "string", URL: "string" },
    },
  },
});

const config: CodegenConfig = {
  // The snapshot that CI holds the running schema to, so that no gateway has to run.
  schema: "../schema/schema.graphql",
  generates: { ...generated("subscription-picker"), ...generated("loyalty-panel"), ...generated("store") },
};

export default config;
