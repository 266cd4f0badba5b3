"""The application for a WSGI server and for `flask --app wsgi`."""

import sys

from config import ConfigurationError
from crm import create_app

try:
    app = create_app()
except ConfigurationError as error:
    sys.exit(f"✗ {error}")
