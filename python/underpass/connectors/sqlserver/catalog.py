"""What a database holds, as it says itself."""

SCHEMAS = """\
SELECT TOP ({count}) name FROM sys.schemas
WHERE name > {0} AND (schema_id < 16384 OR schema_id > 16393) ORDER BY name"""

TABLES = """\
SELECT TOP ({count}) TABLE_NAME AS name, TABLE_TYPE AS kind FROM INFORMATION_SCHEMA.TABLES
WHERE TABLE_SCHEMA = {0} AND TABLE_NAME > {1} ORDER BY TABLE_NAME"""

COLUMNS = """\
SELECT COLUMN_NAME AS name, DATA_TYPE AS type, CHARACTER_MAXIMUM_LENGTH AS length,
    NUMERIC_PRECISION AS digits, NUMERIC_SCALE AS scale, DATETIME_PRECISION AS fraction,
    IS_NULLABLE AS nullable
FROM INFORMATION_SCHEMA.COLUMNS WHERE TABLE_SCHEMA = {0} AND TABLE_NAME = {1} ORDER BY ORDINAL_POSITION"""

_SIZED = ("char", "varchar", "nchar", "nvarchar", "binary", "varbinary")
_EXACT = ("decimal", "numeric")
_MOMENTS = ("time", "datetime2", "datetimeoffset")


def type_name(
    name: str, length: int | None, digits: int | None, scale: int | None, fraction: int | None
) -> str:
    """The type as it is declared: ``nvarchar(40)``, ``decimal(9, 2)``."""
    if name in _SIZED and length is not None:
        return f"{name}({'max' if length < 0 else length})"
    if name in _EXACT and digits is not None:
        return f"{name}({digits}, {scale})"
    if name in _MOMENTS and fraction is not None:
        return f"{name}({fraction})"
    return name
