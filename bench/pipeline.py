"""The upload pipeline alone: `python -m bench.pipeline DIR` answers uploads with what was stored."""

import socket
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from seatrial.domain.ids import AppId, BuildId, OrganizationId, new_entity_id, new_file_id
from seatrial.storage import BlobWriter, keys
from seatrial.storage.local import LocalBlobStore
from seatrial.web.allocator import keep_heap_warm
from seatrial.web.body import UnreadBodies, body_chunks, content_length
from seatrial.web.lane import in_thread
from seatrial.web.multipart import FormLimits, read_form
from seatrial.web.protocol import SeatrialProtocol


def application(folder: Path) -> UnreadBodies:
    store, threads = LocalBlobStore(folder), ThreadPoolExecutor(4)
    organization, app = OrganizationId(new_entity_id()), AppId(new_entity_id())

    def open_file(_name: str, _filename: str, _content_type: str) -> BlobWriter:
        return store.writer(keys.build_file(organization, app, BuildId(new_entity_id()), new_file_id()))

    async def upload(request: Request) -> Response:
        form = await read_form(
            body_chunks(request),
            request.headers["content-type"],
            content_length(request.headers),
            open_file,
            limits=FormLimits(),
            threads=threads,
        )
        async with form:
            (part,) = form.files
            assert part.writer
            blob = await in_thread(threads, part.writer.commit)
        return JSONResponse({"status": True, "data": {"id": blob.key, "sha256": blob.sha256}})

    async def delete(request: Request) -> Response:
        await in_thread(threads, lambda: store.delete(request.path_params["key"]))
        return JSONResponse({"status": True, "data": {}})

    path = "/v1/integrations/builds"
    routes = [Route(path, upload, methods=["POST"]), Route(path + "/{key:path}", delete, methods=["DELETE"])]
    return UnreadBodies(Starlette(routes=routes))


def main(folder: Path) -> None:
    keep_heap_warm()
    config = uvicorn.Config(application(folder), http=SeatrialProtocol, access_log=False, log_level="warning")
    with socket.create_server(("127.0.0.1", 0)) as listening:
        print(f"ready on http://127.0.0.1:{listening.getsockname()[1]}", flush=True)
        uvicorn.Server(config).run(sockets=[listening])


if __name__ == "__main__":
    main(Path(sys.argv[1]))
