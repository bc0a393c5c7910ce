// GraphQL Yoga with DataLoader and undici.
import { serve } from "./shared/yoga.mjs";

serve([]);
