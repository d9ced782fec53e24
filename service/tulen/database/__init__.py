"""PostgreSQL: what the service knows, each invariant held by a constraint as well.

`Database` gives transactions; the modules beside it are the queries, one per area, each a small
function on the connection of the caller's transaction.
"""

from tulen.database.embedded import EmbeddedPostgres
from tulen.database.engine import Database, Leadership
from tulen.database.migrate import migrate, require_current

__all__ = ["Database", "EmbeddedPostgres", "Leadership", "migrate", "require_current"]
