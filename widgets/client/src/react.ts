import { useEffect, useRef, useState } from "react";
import { ask, type Gateway, type Trace, type TypedDocument } from "./ask";
import { asking, LOADING, type State } from "./state";

/**
 * Ask an operation from a React component: once when it appears, and again when gateway, variables or `turn` change.
 *
 * @param turn Counts up to ask the same again; the answer before stays until the next is there.
 * @param onTrace Told how each request went.
 */
export function useQuery<Data, Variables>(
  gateway: Gateway,
  document: TypedDocument<Data, Variables>,
  variables: Variables,
  turn: number,
  onTrace: (trace: Trace) => void,
): State<Data> {
  const [state, setState] = useState<State<Data>>(LOADING);
  const asked = JSON.stringify([gateway.endpoint, gateway.shop, gateway.token, variables]);
  const before = useRef("");
  useEffect(() => {
    const controller = new AbortController();
    setState((shown) => asking(shown, before.current === asked));
    before.current = asked;
    ask(gateway, document, variables, controller.signal).then(
      ({ trace, ...outcome }) => {
        setState(
          outcome.answer
            ? { phase: "ready", answer: outcome.answer, isRefreshing: false }
            : { phase: "failed", failure: outcome.failure },
        );
        onTrace(trace);
      },
      () => undefined, // A newer request took this one's place, or the widget has gone.
    );
    return () => controller.abort();
    // `asked` stands for gateway and variables, which are fresh objects each time.
  }, [asked, gateway.explain, gateway.byId, turn]);
  return state;
}
