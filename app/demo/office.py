"""The office's people: the first made as by the command line, the others by each other."""

from typing import Final

import sqlalchemy as sa

from app.access.staff import NewAccount
from app.access.tokens import Caller
from app.demo.scene import PASSWORD, Person, Scene
from app.demo.service import REGION
from app.store.staff import RoleHeld

_OPERATOR: Final = Caller("operator", "", ("accounts", "roles"), kind="staff")
_FIRST: Final = (
    ("sysadmin", "何建平", "system_admin"),
    ("secadmin", "邵文静", "security_admin"),
    ("secadmin2", "冯国栋", "security_admin"),
)
_OTHERS: Final = (
    ("clerk", "赵敏", "township_clerk", "220102001"),
    ("checker", "孙晓东", "county_checker", REGION),
    ("checker2", "韩雪", "county_checker", REGION),
    ("reviewer", "周丽华", "county_reviewer", REGION),
    ("reviewer2", "吴志远", "county_reviewer", REGION),
    ("city", "郑海涛", "city_officer", "2201"),
    ("tax", "王琳", "source_clerk", REGION),
    ("tax2", "高洁", "source_clerk", REGION),
    ("relief", "刘洋", "relief_department", REGION),
    ("auditor", "陈立新", "auditor", REGION),
    ("auditadmin", "杨春梅", "audit_admin", REGION),
)


async def people(scene: Scene) -> None:
    """Accounts, roles that two agreed to, and one of each kind that still waits."""
    for login, name, role in _FIRST:
        await _first(scene, Person(login, name, (role,), "2201"))
    for login, name, role, region in _OTHERS:
        await _invited(scene, Person(login, name, (role,), region))
    await _waiting(scene)


async def _first(scene: Scene, person: Person) -> None:
    """As `hedui staff add --role` does."""
    staffing = scene.running.parts.staffing
    made = await staffing.invite(
        _OPERATOR, NewAccount(login=person.login, region=person.region, name=person.name)
    )

    def grant(tx: sa.Connection) -> None:
        held = RoleHeld(
            staff_id=made.account.id,
            role=person.roles[0],
            region=person.region,
            from_at=scene.clock(),
            until_at=None,
            granted_by=_OPERATOR.actor,
            agreed_by=_OPERATOR.actor,
        )
        staffing.give_role(tx, held)
        scene.running.parts.audit.append(
            tx,
            actor=_OPERATOR.actor,
            action="role_granted",
            about=(made.account.id, person.region),
            details={"role": person.roles[0]},
        )

    await staffing.database.write(grant)
    person.id = made.account.id
    await _enrolled(scene, person, made.token)


async def _invited(scene: Scene, person: Person) -> None:
    """By the administrator; the role by one security administrator, agreed to by the other."""
    body = {"login": person.login, "region": person.region, "name": person.name}
    made = await scene.ask("sysadmin", "POST", "/v1/staff", body)
    person.id = made["staff"]["id"]
    proposed = await _proposed(scene, person.id, person.roles[0])
    await scene.ask("secadmin2", "POST", f"/v1/approvals/{proposed}/agree")
    await _enrolled(scene, person, made["enrolment_token"])


async def _proposed(scene: Scene, staff_id: str, role: str) -> str:
    path = f"/v1/staff/{staff_id}/roles"
    wanted = {"role": role} | ({"source": "tax"} if role == "source_clerk" else {})
    return str((await scene.ask("secadmin", "POST", path, wanted))["id"])


async def _enrolled(scene: Scene, person: Person, token: str) -> None:
    given = {"login": person.login, "token": token, "password": PASSWORD}
    taken = await scene.send("/v1/session/enrolment", given)
    person.secret = taken["totp_secret"]
    scene.people[person.login] = person


async def _waiting(scene: Scene) -> None:
    """Somebody new without a password yet, whose role nobody has agreed to."""
    body = {"login": "newcomer", "region": "220102002", "name": "马晓云"}
    made = await scene.ask("sysadmin", "POST", "/v1/staff", body)
    await _proposed(scene, made["staff"]["id"], "township_clerk")
