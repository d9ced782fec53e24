"""The composed service: API, page and worker in one process."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

from fastapi import FastAPI, Request, Response

from tulen import api, portal
from tulen.settings import Settings
from tulen.worker.beside import work_beside
from tulen.workflows.alarms import open_alarms
from tulen.workflows.correlation import correlation_in
from tulen.workflows.doctor import not_ready
from tulen.workflows.office import Office, open_office

MOST_NAMED = 20
"""How many open alarms the readiness page names."""


def create_app(settings: Settings | None = None, *, with_worker: bool = True) -> FastAPI:
    """Return the ASGI application.

    Args:
        settings: The settings; read from the environment where None.
        with_worker: Whether this process also seals, anchors and follows the chain.

    Raises:
        InvalidInputError: the correlation table that the settings name cannot be read.
    """
    chosen = settings or Settings()

    @contextlib.asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with open_office(chosen) as office:
            app.state.office = office
            app.state.worker = asyncio.create_task(work_beside(office)) if with_worker else None
            try:
                yield
            finally:
                if app.state.worker:
                    app.state.worker.cancel()
                    await asyncio.gather(app.state.worker, return_exceptions=True)

    app = FastAPI(
        title="Tulen",
        version="1",
        summary="Electronic certificates of origin, anchored on chain",
        license_info={"name": "Apache License 2.0", "identifier": "Apache-2.0"},
        generate_unique_id_function=api.documentation.operation_id,
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        openapi_url="/v1/openapi.json",
    )
    table = chosen.correlation_table
    app.state.correlation = None if table is None else correlation_in(table)
    app.add_middleware(api.Guard)
    api.documentation.install(app)
    api.problems.install(app)
    app.include_router(api.router)
    app.include_router(api.applications.router)
    app.include_router(api.credentials.router)
    app.include_router(api.origin.router)
    app.include_router(api.webhooks.router)
    app.include_router(api.public_log.router)
    app.include_router(portal.router)
    app.mount("/static", portal.static)

    @app.get("/healthz", include_in_schema=False)
    def health() -> dict[str, str]:
        return {"status": "alive"}

    @app.get("/readyz", include_in_schema=False)
    async def ready(request: Request) -> Response:
        office: Office = request.app.state.office
        worker: asyncio.Task[None] | None = request.app.state.worker
        missing = await not_ready(office)
        if worker and worker.done():
            missing = "the worker has ended; restart this process, and see its log"
        if missing:
            return api.problems.problem(503, "unavailable", missing)
        # It serves all the same: what is wrong is for people, not for a load balancer.
        wrong = [f"{item.kind} {item.subject}: {item.detail}" for item in await open_alarms(office)]
        return Response("\n".join(("ready", *wrong[:MOST_NAMED])), media_type="text/plain")

    return app
