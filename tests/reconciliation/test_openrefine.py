"""A roster is cleaned up as OpenRefine does it, over HTTP, by an address and nothing else."""

from pathlib import Path

import httpx

from tests.reconciliation.openrefine import OpenRefine, chosen
from tests.reconciliation.parts import SCOPES, a_pass
from tests.reconciliation.schemas import check
from tests.service_parts import CHILD, HEAD, NAMES, SPOUSE, all_ten, number, running
from tests.serving import served

HOME = "南关区平阳街12号3栋2单元501室"
ROWS = [
    {"name": "李明", "id_number": HEAD},
    {"name": "李眀", "id_number": HEAD},  # a look-alike
    {"name": "王芳", "id_number": f"{SPOUSE[:9]}{SPOUSE[10]}{SPOUSE[9]}{SPOUSE[11:]}"},
    {"name": "王芳", "id_number": f"229901********{SPOUSE[14:]}", "birth_date": "1982-04-15"},
    {"name": "李小雨", "address": HOME, "birth_date": "2010-06-08"},
    {"name": "赵强", "id_number": number("22990119700101333")},  # nobody we know
    {"name": "李明"},  # a name alone finds nobody
    {"name": "钱进", "id_number": HEAD},  # somebody else's number
    *({"name": "李小雨", "id_number": CHILD} for _ in range(4)),
]
DETAILS = ("id_number", "birth_date", "address")


async def test_a_roster_is_cleaned_up(tmp_path: Path) -> None:
    """Register, reconcile in tens, take what matches, add columns, look at one."""
    async with running(tmp_path, all_ten()) as service, served(service.app) as url:
        service.headers = await service.client(scopes=SCOPES)
        assert (await service.post()).status_code == httpx.codes.CREATED
        path = (await a_pass(service))["path"]
        async with httpx.AsyncClient(timeout=30) as http:
            tool = OpenRefine(http, url + path)
            manifest = await tool.register()
            check("manifest", manifest)
            assert "entity" not in manifest["suggest"]  # OpenRefine would send names in addresses
            here = {"service_url": url + path}
            proposals = manifest["extend"]["propose_properties"] | here
            columns = await tool.fetch(proposals, type="person")
            check("data-extension-property-proposal", columns)
            typed = await tool.fetch(manifest["suggest"]["property"] | here, prefix="身份证")
            check("suggest-properties-response", typed)
            assert [one["id"] for one in typed["result"]] == ["id_number"]
            found = await tool.reconcile(ROWS, "person", "name", DETAILS)
            links = [chosen(one) for one in found]
            assert [link is not None for link in links[:8]] == [
                *(True, True, False, True, False, False, False, False)
            ]
            assert links[0] == links[1]
            assert len(set(links[8:])) == 1
            wrong, home, borrowed = found[2], found[4], found[7]
            assert [one["name"] for one in (*wrong, *home[:1], *borrowed)] == [
                "王*",
                "李*雨",
                "李*",
            ]
            assert found[5] == found[6] == []
            ids = sorted({link for link in links if link})
            wanted = [one["id"] for one in columns["properties"]]
            rows = await tool.extend(ids, wanted)
            check("data-extension-response", rows)
            assert [one["id"] for one in rows["meta"]] == wanted
            outcomes = [rows["rows"][id_]["outcome"] for id_ in ids]
            assert outcomes == [[{"str": "urban_dibao: confirmed"}]] * len(ids)
            page = manifest["preview"]["url"].replace("{{id}}", ids[0]).partition("/v1/")[2]
            shown = await http.get(f"{url}/v1/{page}")
            assert shown.status_code == httpx.codes.OK
            assert "http://127.0.0.1:*" in shown.headers["content-security-policy"]
            told = f"{found} {rows} {shown.text}"
            assert [one for one in (*NAMES.values(), HEAD, SPOUSE, CHILD) if one in told] == []
