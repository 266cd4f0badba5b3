"""A person with a known password, and a browser that comes with nothing."""

from typing import Any

import pytest
from argon2 import PasswordHasher
from flask import Flask
from flask.testing import FlaskClient

from crm.people.models import User
from crm.people.roles import Role
from tests import factories

PASSWORD = "竹林里的三只旧茶杯"


@pytest.fixture(scope="session")
def known_hash() -> str:
    """As the product stores it, but quick to check."""
    return PasswordHasher(time_cost=1, memory_cost=64).hash(PASSWORD)


@pytest.fixture
def wang(app: Flask, known_hash: str) -> User:
    unit = factories.make_unit("甲载体")
    return factories.make_user(
        Role.INCUBATOR_STAFF, unit=unit, username="wang", password_hash=known_hash
    )


@pytest.fixture
def browser(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def log_in(app: Flask) -> Any:
    """log_in("wang") is a browser that went through the login page."""

    def enter(username: str, password: str = PASSWORD) -> FlaskClient:
        client = app.test_client()
        answer = client.post("/login", data={"username": username, "password": password})
        assert answer.status_code == 303
        return client

    return enter


def is_in(client: FlaskClient) -> bool:
    """Whether this browser's cookie opens a page that asks for a login."""
    return client.get("/sessions").status_code == 200
