"""`seatrial admin storage-provider`: the buckets that an organization keeps its files in."""

from typing import Annotated

import typer

from seatrial.cli.administering import InOrganization, every, opened, show, show_all
from seatrial.cli.output import fail, moment
from seatrial.cli.workspace import DataDir, Json
from seatrial.domain.storage_provider import KeptProvider, ProviderKind, ProviderSettings

app = typer.Typer(help="Buckets that an organization keeps its files in.", no_args_is_help=True)

Secret = Annotated[
    str,
    typer.Option(envvar="SEATRIAL_SECRET_KEY", prompt="Secret key", hide_input=True, help="Asked for if not given."),
]


@app.command("create")
def create(
    name: str,
    bucket: Annotated[str, typer.Option(help="Or Azure's container.")],
    access_key: Annotated[str, typer.Option(help="The access key's id, or Azure's account.")],
    secret_key: Secret,
    provider: Annotated[ProviderKind, typer.Option(help="s3, gcs or azure.")] = ProviderKind.S3,
    region: Annotated[str, typer.Option(help="Default: the provider's.")] = "",
    endpoint: Annotated[str, typer.Option(help="Default: the provider's own.")] = "",
    prefix: Annotated[str, typer.Option(help="In front of every key.")] = "",
    proxy: Annotated[bool, typer.Option(help="Downloads go through this server.")] = False,
    virtual_hosted: Annotated[bool, typer.Option(help="The bucket's name is part of the host's.")] = False,
    default: Annotated[bool, typer.Option(help="New files of the organization go there.")] = False,
    organization: InOrganization = None,
    data_dir: DataDir = None,
    as_json: Json = False,
) -> None:
    """Make a storage provider; `test` says whether it works."""
    from seatrial.wire.storage_providers import bucket_name, endpoint_url, key_prefix

    if provider is ProviderKind.LOCAL:
        fail("The server's own disk is there already; provider must be s3, gcs or azure.")
    said = ProviderSettings(
        name=name,
        kind=provider,
        bucket=bucket_name("bucket", bucket),
        region=region,
        endpoint=endpoint_url("endpoint", endpoint),
        prefix=key_prefix("prefix", prefix),
        access_key=access_key,
        secret=secret_key,
        virtual_hosted=virtual_hosted,
        proxy=proxy,
        is_default=default,
    )
    with opened(data_dir, organization) as (services, within):
        made = services.storage_providers.create(within, said)
    show(record(made), as_json)


@app.command("list")
def list_all(organization: InOrganization = None, data_dir: DataDir = None, as_json: Json = False) -> None:
    """List the storage providers, without their secrets."""
    with opened(data_dir, organization) as (services, within):
        found = every(lambda query: services.storage_providers.search(within, query))
    show_all([record(one) for one in found], as_json)


@app.command("test")
def try_out(
    provider_id: str, organization: InOrganization = None, data_dir: DataDir = None, as_json: Json = False
) -> None:
    """Write, read, link and delete a small file; ends with 1 where a step fails."""
    with opened(data_dir, organization) as (services, within):
        results = services.storage_providers.try_out(within, provider_id)
    steps: list[dict[str, object]] = [
        {"step": one.step.value, "ok": not one.error, "milliseconds": one.milliseconds, "error": one.error}
        for one in results
    ]
    show_all(steps, as_json)
    if results[-1].error:
        raise typer.Exit(1)


@app.command("delete")
def delete(
    provider_id: str, organization: InOrganization = None, data_dir: DataDir = None, as_json: Json = False
) -> None:
    """Forget a storage provider that nothing is in."""
    with opened(data_dir, organization) as (services, within):
        services.storage_providers.remove(within, provider_id)
    show({"id": provider_id, "deleted": True}, as_json)


def record(one: KeptProvider) -> dict[str, object]:
    """Show a storage provider without its secret."""
    return {
        "id": one.id,
        "name": one.name,
        "provider": one.bucket.kind.value,
        "bucket": one.bucket.name,
        "region": one.bucket.region,
        "endpoint": one.bucket.endpoint,
        "prefix": one.bucket.prefix,
        "accessKey": one.bucket.access_key,
        "proxy": one.proxy,
        "default": one.is_default,
        "createdAt": moment(one.created_at),
    }
