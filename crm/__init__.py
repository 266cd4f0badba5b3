"""The enterprise-incubation CRM of a science park. create_app() is its table of contents."""

from flask import Flask
from flask_migrate import Migrate
from flask_sqlalchemy import SQLAlchemy
from jinja2 import StrictUndefined

import config
from crm import cli
from crm.accounts import login
from crm.accounts import views as accounts
from crm.carriers import views as carriers
from crm.companies import views as companies
from crm.core import clock, registry
from crm.core.collecting import collect_seldom
from crm.core.db import Base, bind_session, engine_options, prepare_engine
from crm.cultivation import views as cultivation
from crm.declarations import views as declarations
from crm.entry import views as entry
from crm.evidence import views as evidence
from crm.files import views as files
from crm.followup import views as followup
from crm.home import views as home
from crm.imports import views as imports
from crm.investments import views as investments
from crm.jobs import views as jobs
from crm.ladder import views as ladder
from crm.lists import views as lists
from crm.milestones import views as milestones
from crm.operating import views as operating
from crm.pipeline import views as pipeline
from crm.plans import views as plans
from crm.progress import views as progress
from crm.projects import views as projects
from crm.readiness import views as readiness
from crm.reference import calendar_pages as calendar
from crm.reference import settings_pages
from crm.reference.settings import is_demo_data
from crm.reports import views as reports
from crm.responsibility import views as responsibility
from crm.snapshots import views as snapshots
from crm.supervision import views as supervision
from crm.targets import views as targets
from crm.web import context, errors, filters, guards, locale, logs, security

db = SQLAlchemy(model_class=Base, session_options={"expire_on_commit": False})
bind_session(db.session)
migrate = Migrate()

FEATURES = (
    accounts,
    calendar,
    settings_pages,
    files,
    jobs,
    lists,
    imports,
    followup,
    companies,
    carriers,
    entry,
    operating,
    ladder,
    evidence,
    cultivation,
    declarations,
    readiness,
    projects,
    investments,
    milestones,
    pipeline,
    progress,
    targets,
    plans,
    snapshots,
    responsibility,
    supervision,
    reports,
    home,
)


def create_app(settings: config.Config | None = None) -> Flask:
    """The whole application, ready to serve or to run a command."""
    collect_seldom()
    settings = settings or config.from_environment()
    app = Flask(
        __name__,
        template_folder=str(config.ROOT / "templates"),
        static_folder=str(config.ROOT / "static"),
    )
    app.config.update(
        ROOT=config.ROOT,
        SETTINGS=settings,
        SECRET_KEY=settings.secret_key,
        IS_DEMO=settings.is_demo,
        PROXY_HOPS=settings.proxy_hops,
        SQLALCHEMY_DATABASE_URI=settings.database_url,
        SQLALCHEMY_ENGINE_OPTIONS=engine_options(settings.database_url),
    )
    app.jinja_options = {
        "undefined": StrictUndefined,
        "trim_blocks": True,
        "lstrip_blocks": True,
        "cache_size": -1,  # all are kept: there are more of them than the 400 that Jinja keeps
    }
    clock.set_business_date(settings.business_date)
    registry.clear()
    registry.demo_checks.append(is_demo_data)

    db.init_app(app)
    with app.app_context():
        prepare_engine(db.engine)
    migrate.init_app(app, db, directory=str(config.ROOT / "migrations"), render_as_batch=True)

    logs.init_app(app)
    security.init_app(app, is_https=settings.is_https)
    login.init_app(app)
    guards.init_app(app)
    locale.init_app(app)
    filters.init_app(app)
    context.init_app(app)
    errors.init_app(app)
    for feature in FEATURES:
        feature.init_app(app)
    cli.init_app(app)
    if settings.proxy_hops:
        _trust_proxies(app, settings.proxy_hops)
    return app


def _trust_proxies(app: Flask, hops: int) -> None:
    from werkzeug.middleware.proxy_fix import ProxyFix

    app.wsgi_app = ProxyFix(app.wsgi_app, hops, hops, hops, hops)  # type: ignore[method-assign]
