"""The Python SDK that comes with az, in several api-versions, signed in as the az beside it is.

Arguments: the service's address, a resource group, api-versions. Writes what it saw as one JSON object.
"""
import json
import sys

from azure.cli.core import get_default_cli
from azure.cli.core._profile import Profile
from azure.core.exceptions import HttpResponseError
from azure.mgmt.databoxedge import DataBoxEdgeManagementClient

address, group, *versions = sys.argv[1:]
credential, subscription, _ = Profile(cli_ctx=get_default_cli()).get_login_credentials()


def client_of(version):
    return DataBoxEdgeManagementClient(
        credential,
        subscription,
        api_version=version,
        base_url=address,
        credential_scopes=["https://management.core.windows.net//.default"],
        # The end of a put names no wait, so its poller waits this long: 30 s unless told.
        polling_interval=1,
    )


def devices_of(client, version):
    """Created long-running or not as the version has it, changed, read, listed, removed."""
    models, devices = client.models(version), client.devices
    name = "edge-" + version
    device = models.DataBoxEdgeDevice(
        location="eastus", sku=models.Sku(name="EdgeP_Base")
    )
    created = devices.begin_create_or_update(name, group, device).result()
    updated = devices.update(name, group, models.DataBoxEdgeDevicePatch(tags={"by": version}))
    read = devices.get(name, group)
    listed = [one.name for one in devices.list_by_resource_group(group)]
    seen = {
        "status": created.data_box_edge_device_status,
        "isEtagNew": created.etag != updated.etag,
        "tags": read.tags,
        "isListed": name in listed,
    }
    seen["order"] = order_of(client, models, name)
    devices.begin_delete(name, group).result()
    try:
        devices.get(name, group)
    except HttpResponseError as refusal:
        seen["gone"] = [refusal.status_code, refusal.error.code]
    return seen


def order_of(client, models, name):
    order = models.Order(
        contact_information=models.ContactDetails(
            contact_person="John Mcclane",
            company_name="Microsoft",
            phone="(800) 426-9400",
            email_list=["john@microsoft.com"],
        ),
        shipping_address=models.Address(
            address_line1="One",
            postal_code="98052",
            city="Redmond",
            state="WA",
            country="USA",
        ),
    )
    placed = client.orders.begin_create_or_update(name, group, order).result()
    client.orders.begin_delete(name, group).result()
    left = [one.name for one in client.orders.list_by_data_box_edge_device(name, group)]
    return [placed.contact_information.company_name, len(placed.order_history) > 0, left]


print(json.dumps({version: devices_of(client_of(version), version) for version in versions}))
