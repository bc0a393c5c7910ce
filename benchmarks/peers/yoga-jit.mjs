// GraphQL Yoga with graphql-jit by Envelop's plugin. The resolvers hand out what goes over the wire, so leaves are not
// serialized again.
import { useGraphQlJit } from "@envelop/graphql-jit";
import { serve } from "./shared/yoga.mjs";

serve([useGraphQlJit({ disableLeafSerialization: true })]);
