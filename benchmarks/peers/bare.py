"""The upper bound: uvicorn that reads the body and answers 3.6 kB, with no work in between."""

import os

import uvicorn
from starlette.types import Receive, Scope, Send

ANSWER = (b'{"data":"' + b"x" * 3_600)[:3_598] + b'"}'


async def app(scope: Scope, receive: Receive, send: Send) -> None:
    """Read it all, answer always the same."""
    if scope["type"] != "http":
        return
    while (await receive()).get("more_body"):
        pass
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(ANSWER)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": ANSWER})


if __name__ == "__main__":
    uvicorn.run(app, port=int(os.environ["PORT"]), log_level="error", access_log=False, lifespan="off", ws="none")
