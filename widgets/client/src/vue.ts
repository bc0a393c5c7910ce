import { onScopeDispose, shallowRef, watch, type Ref } from "vue";
import { ask, type Gateway, type Trace, type TypedDocument } from "./ask";
import { asking, LOADING, type State } from "./state";

/**
 * Ask an operation from a Vue component: once when it appears, and again when gateway, variables or `turn` change.
 *
 * @param turn Counts up to ask the same again; the answer before stays until the next is there.
 * @param onTrace Told how each request went.
 */
export function useQuery<Data, Variables>(
  gateway: () => Gateway,
  document: TypedDocument<Data, Variables>,
  variables: () => Variables,
  turn: Ref<number>,
  onTrace: (trace: Trace) => void,
): Ref<State<Data>> {
  const state = shallowRef<State<Data>>(LOADING);
  let controller = new AbortController();
  const askedOf = () => JSON.stringify([gateway().endpoint, gateway().shop, gateway().token, variables()]);
  watch(
    [askedOf, () => gateway().explain, () => gateway().byId, turn],
    async ([asked], [before]) => {
      controller.abort();
      controller = new AbortController();
      state.value = asking(state.value, asked === before);
      try {
        const { trace, ...outcome } = await ask(gateway(), document, variables(), controller.signal);
        state.value = outcome.answer
          ? { phase: "ready", answer: outcome.answer, isRefreshing: false }
          : { phase: "failed", failure: outcome.failure };
        onTrace(trace);
      } catch {
        // A newer request took this one's place, or the widget has gone.
      }
    },
    { immediate: true },
  );
  onScopeDispose(() => controller.abort());
  return state;
}
