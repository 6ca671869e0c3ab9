from django.db import migrations

# Of a pair, the alias and the name that arXiv itself files it under.
ALIASES = {
    "math.MP": "math-ph",
    "stat.TH": "math.ST",
    "math.IT": "cs.IT",
    "q-fin.EC": "econ.GN",
    "cs.SY": "eess.SY",
    "cs.NA": "math.NA",
}
PAIRS = ", ".join(f"('{alias}', '{name}')" for alias, name in ALIASES.items())
CODES = ", ".join(f"'{alias}'" for alias in ALIASES)
RENAME = f"""
WITH aliases (alias, name) AS (VALUES {PAIRS}),
renamed AS (
    SELECT id, array_agg(code ORDER BY place) AS categories
    FROM (
        SELECT paper.id, coalesce(aliases.name, code) AS code, min(place) AS place
        FROM papers_paper AS paper
        CROSS JOIN LATERAL unnest(paper.categories) WITH ORDINALITY AS one (code, place)
        LEFT JOIN aliases ON alias = code
        WHERE paper.categories && ARRAY[{CODES}]::varchar(32)[]
        GROUP BY 1, 2
    ) AS codes
    GROUP BY id
)
UPDATE papers_paper AS paper
SET categories = renamed.categories, primary_category = renamed.categories[1]
FROM renamed WHERE paper.id = renamed.id
"""  # noqa: S608 (all of it stands above)


class Migration(migrations.Migration):
    """Papers of a category with two names carry the one that arXiv files it under. Reversing leaves it: both are true."""

    dependencies = [("papers", "0014_withdrawals_in_doubt")]
    operations = [migrations.RunSQL(RENAME, migrations.RunSQL.noop)]
