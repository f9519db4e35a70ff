"""The Python SDK that `az graph query` is made of: pages, a table, a refusal. Signed in as the az beside it is.

Argument: the service's address. Writes what it saw as one JSON object.
"""
import json
import sys

from azure.cli.core import get_default_cli
from azure.cli.core._profile import Profile
from azure.core.exceptions import HttpResponseError
from azure.mgmt.resourcegraph import ResourceGraphClient
from azure.mgmt.resourcegraph.models import QueryRequest, QueryRequestOptions

address, = sys.argv[1:]
credential, subscription, _ = Profile(cli_ctx=get_default_cli()).get_login_credentials()
client = ResourceGraphClient(
    credential,
    base_url=address,
    credential_scopes=["https://management.core.windows.net//.default"],
)


def ask(query, **options):
    return client.resources(
        QueryRequest(query=query, subscriptions=[subscription], options=QueryRequestOptions(**options))
    )


def refusal(query):
    try:
        ask(query)
    except HttpResponseError as error:
        return [error.error.code, [detail.code for detail in error.error.details]]


QUERY = "Resources | where type =~ 'Microsoft.DataBoxEdge/dataBoxEdgeDevices' | project name | order by name asc"
pages = [ask(QUERY, top=2, skip=0, result_format="objectArray")]
while pages[-1].skip_token is not None:
    pages.append(ask(QUERY, top=2, skip_token=pages[-1].skip_token, result_format="objectArray"))
table = ask("Resources | project name, tags | limit 1", result_format="table").data
print(
    json.dumps(
        {
            "names": [row["name"] for page in pages for row in page.data],
            "counts": [page.count for page in pages],
            "total": pages[0].total_records,
            "truncated": [page.result_truncated for page in pages],
            "columns": [[column["name"], column["type"]] for column in table["columns"]],
            "refused": refusal("Resources | join (ResourceContainers) on id"),
        }
    )
)
