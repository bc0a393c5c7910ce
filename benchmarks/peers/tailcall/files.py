"""What Tailcall reads: the graph, the script that it names, and the session's key."""

import json
from pathlib import Path

from joserfc.jwk import OctKey

HERE = Path(__file__).parent


def write(folder: Path, *, backend_url: str, port: str, secret: str, shops: Path) -> Path:
    """All three; the graph's path."""
    key = OctKey.import_key(secret, {"alg": "HS256"})
    keys = {"keys": [key.as_dict(private=True, kid=key.thumbprint()[:8])]}
    (folder / "jwks.json").write_text(json.dumps(keys), encoding="utf-8")
    (folder / "rest.js").write_text(script(shops.read_text(encoding="utf-8")), encoding="utf-8")
    graph = (HERE / "graph.graphql").read_text(encoding="utf-8").replace("BACKEND", backend_url).replace("PORT", port)
    (folder / "graph.graphql").write_text(graph, encoding="utf-8")
    return folder / "graph.graphql"


def script(shops: str) -> str:
    """One script, as it knows no modules: the shops, the other peers' mapping of rows, and its own functions."""
    rows = (HERE.parent / "shared" / "graph.mjs").read_text(encoding="utf-8").replace("export ", "")
    return f"const shops = {shops};\n{rows}\n{(HERE / 'rest.js').read_text(encoding='utf-8')}"
