"""This process becomes Tailcall's server, with its files where the run keeps its own."""

import os
from pathlib import Path

from benchmarks.peers.tailcall import files

if __name__ == "__main__":
    shops = Path(os.environ["SHOPS_FILE"])
    folder = shops.parent / "tailcall"
    folder.mkdir(exist_ok=True)
    graph = files.write(
        folder,
        backend_url=os.environ["BACKEND_URL"],
        port=os.environ["PORT"],
        secret=os.environ["SESSION_SECRET"],
        shops=shops,
    )
    # It counts no starts, and looks for a newer release only a day after the first start with an empty cache.
    os.environ |= {"TAILCALL_TRACKER": "false", "XDG_CACHE_HOME": str(folder), "TAILCALL_LOG_LEVEL": "error"}
    server = str(files.HERE / "node_modules" / ".bin" / "tailcall")
    os.execv(server, [server, "start", str(graph)])  # noqa: S606  # it takes this process's place, core and end
