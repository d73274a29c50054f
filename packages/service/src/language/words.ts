/**
 * Keywords and functions that people write into queries, by dialect. Not all that there are: those worth typing less.
 */

const split = (text: string) => text.trim().split(/\s+/);

const common = split(`
  SELECT FROM WHERE GROUP BY ORDER HAVING LIMIT OFFSET FETCH FIRST NEXT ROWS ROW ONLY DISTINCT ALL AS ON USING
  JOIN INNER LEFT RIGHT FULL OUTER CROSS NATURAL UNION EXCEPT INTERSECT WITH RECURSIVE VALUES
  AND OR NOT IN IS NULL LIKE BETWEEN EXISTS ANY SOME CASE WHEN THEN ELSE END ASC DESC
  TRUE FALSE CAST OVER PARTITION WINDOW RANGE PRECEDING FOLLOWING UNBOUNDED CURRENT NULLS LAST FILTER WITHIN
  INSERT INTO UPDATE SET DELETE CREATE TABLE VIEW INDEX SCHEMA TEMPORARY IF DROP ALTER ADD COLUMN RENAME TO
  PRIMARY KEY FOREIGN REFERENCES UNIQUE CHECK CONSTRAINT DEFAULT TRUNCATE GRANT REVOKE
  BEGIN COMMIT ROLLBACK EXPLAIN ANALYZE DATE TIME TIMESTAMP INTERVAL EXTRACT
  INTEGER BIGINT SMALLINT DECIMAL NUMERIC VARCHAR CHAR BOOLEAN
`);

const more: { [dialect: string]: readonly string[] } = {
  postgresql: split(`
    ILIKE SIMILAR RETURNING LATERAL MATERIALIZED CONFLICT DO NOTHING COLLATE TABLESAMPLE ORDINALITY GROUPING SETS
    ROLLUP CUBE SYMMETRIC AT ZONE ARRAY TEXT BYTEA JSON JSONB UUID TIMESTAMPTZ DOUBLE PRECISION REAL SERIAL
    IDENTITY GENERATED ALWAYS MERGE MATCHED COPY VACUUM SHOW LISTEN REFRESH EXTENSION FUNCTION RETURNS LANGUAGE
    EXCLUDE TIES FOR SHARE SKIP LOCKED
  `),
  redshift: split(`
    ILIKE SIMILAR QUALIFY TOP PIVOT UNPIVOT DISTKEY SORTKEY DISTSTYLE ENCODE UNLOAD COPY VACUUM MINUS SUPER GEOMETRY
    TIMESTAMPTZ DOUBLE PRECISION REAL TEXT SHOW MERGE MATCHED GROUPING SETS ROLLUP CUBE MATERIALIZED
  `),
  mysql: split(`
    REPLACE IGNORE DUPLICATE SHOW DESCRIBE DATABASES TABLES COLUMNS USE REGEXP RLIKE DIV MOD XOR STRAIGHT_JOIN
    LATERAL ROLLUP SEPARATOR BINARY UNSIGNED AUTO_INCREMENT ENGINE CHARSET COLLATE DATETIME DOUBLE FLOAT TEXT BLOB
    JSON TINYINT MEDIUMINT ENUM FOR SHARE FORCE PROCEDURE CALL
  `),
  sqlserver: split(`
    TOP PERCENT TIES OUTPUT MERGE MATCHED TARGET SOURCE APPLY PIVOT UNPIVOT DECLARE EXEC EXECUTE PROCEDURE GO USE PRINT
    NOLOCK OPTION RECOMPILE TRY CATCH THROW WHILE BREAK RETURN IDENTITY CLUSTERED NONCLUSTERED INCLUDE COLLATE
    NVARCHAR NCHAR DATETIME2 DATETIMEOFFSET BIT INT FLOAT REAL MONEY UNIQUEIDENTIFIER VARBINARY XML JSON
    GROUPING SETS ROLLUP CUBE FOR PATH AUTO TABLESAMPLE TRAN TRANSACTION
  `),
  clickhouse: split(`
    PREWHERE FINAL SAMPLE FORMAT SETTINGS ARRAY ASOF ANTI SEMI GLOBAL LIMIT TIES ENGINE MERGETREE ORDER SHOW DATABASES
    TABLES DESCRIBE OPTIMIZE ATTACH DETACH SYSTEM ILIKE QUALIFY WITH TOTALS ROLLUP CUBE FILL STEP INTERPOLATE
    UINT8 UINT16 UINT32 UINT64 INT8 INT16 INT32 INT64 FLOAT32 FLOAT64 STRING DATE32 DATETIME DATETIME64 UUID
    NULLABLE LOWCARDINALITY MAP TUPLE EXCEPT REPLACE APPLY USE LATERAL
  `),
  trino: split(`
    UNNEST ORDINALITY TABLESAMPLE BERNOULLI LATERAL ROLLUP CUBE GROUPING SETS SHOW CATALOGS SCHEMAS TABLES COLUMNS
    DESCRIBE USE MATCH_RECOGNIZE MERGE MATCHED ARRAY MAP ROW VARBINARY JSON DOUBLE REAL TRY_CAST ZONE AT UUID CALL
    EXECUTE PREPARE MATERIALIZED REFRESH
  `),
  dremio: split(`
    QUALIFY FLATTEN LATERAL PIVOT UNPIVOT VDS PDS AT BRANCH TAG SNAPSHOT REFLECTION RAW OPTIMIZE VACUUM SHOW SCHEMAS
    TABLES DESCRIBE USE MERGE MATCHED ILIKE DOUBLE FLOAT INT VARBINARY LIST STRUCT ROLLUP CUBE GROUPING SETS
  `),
  snowflake: split(`
    QUALIFY ILIKE RLIKE LATERAL FLATTEN PIVOT UNPIVOT SAMPLE TABLESAMPLE TOP AT BEFORE CLONE SHOW DESCRIBE USE WAREHOUSE
    DATABASE ROLE STAGE STREAM TASK MERGE MATCHED VARIANT OBJECT ARRAY STRING NUMBER FLOAT TIMESTAMP_NTZ TIMESTAMP_LTZ
    TIMESTAMP_TZ BINARY TRANSIENT MINUS COPY PUT GET LIST CALL ROLLUP CUBE GROUPING SETS MATCH_RECOGNIZE ASOF
  `),
  bigquery: split(`
    QUALIFY UNNEST STRUCT ARRAY INT64 FLOAT64 STRING BYTES BOOL DATETIME BIGNUMERIC JSON GEOGRAPHY SAFE_CAST REPLACE
    PIVOT UNPIVOT TABLESAMPLE SYSTEM OPTIONS CLUSTER DECLARE EXECUTE IMMEDIATE MERGE MATCHED OFFSET ORDINAL
    SAFE_OFFSET ROLLUP FOR SYSTEM_TIME ASSERT TEMP FUNCTION PROCEDURE CALL
  `),
  duckdb: split(`
    QUALIFY ILIKE PIVOT UNPIVOT ASOF SEMI ANTI POSITIONAL LATERAL EXCLUDE REPLACE COLUMNS SAMPLE TABLESAMPLE SUMMARIZE
    DESCRIBE SHOW COPY ATTACH DETACH USE PRAGMA MACRO STRUCT MAP LIST UNION HUGEINT DOUBLE FLOAT TEXT UUID JSON BLOB
    TIMESTAMPTZ SIMILAR GLOB RETURNING ROLLUP CUBE GROUPING SETS
  `)
};
more.mariadb = [
  ...(more.mysql ?? []),
  ...split('RETURNING SEQUENCE PERIOD SYSTEM_TIME VERSIONING UUID INET6')
];
more.mindsdb = [
  ...split('SHOW DESCRIBE USE DATABASES TABLES MODELS MODEL PREDICT ENGINE'),
  ...split('HORIZON WINDOW JOB AGENT KNOWLEDGE_BASE ML_ENGINE PARAMETERS')
];

const commonFunctions = split(`
  count sum avg min max coalesce nullif lower upper trim substring length replace concat round abs ceil floor
  power sqrt mod row_number rank dense_rank ntile lag lead first_value last_value stddev variance greatest least
`);

const moreFunctions: { [dialect: string]: readonly string[] } = {
  postgresql: split(`
    date_trunc date_part now current_date current_timestamp age to_char to_date to_timestamp make_date
    generate_series string_agg array_agg json_agg jsonb_agg jsonb_build_object jsonb_array_elements unnest
    array_length split_part regexp_replace regexp_matches regexp_split_to_table left right lpad rpad position strpos
    format md5 random bool_and bool_or percentile_cont percentile_disc mode cardinality to_jsonb row_to_json
    jsonb_each jsonb_object_keys initcap btrim ltrim rtrim reverse repeat width_bucket date_bin gen_random_uuid
  `),
  redshift: split(`
    date_trunc date_part dateadd datediff getdate sysdate to_char to_date to_timestamp listagg nvl nvl2 decode
    split_part regexp_replace regexp_substr left right lpad rpad strpos charindex median approximate json_extract_path_text
    json_parse months_between last_day add_months convert_timezone ratio_to_report md5 random
  `),
  mysql: split(`
    now curdate curtime date_format date_add date_sub datediff timestampdiff str_to_date year month day hour minute
    dayofweek weekofyear last_day unix_timestamp from_unixtime ifnull if group_concat concat_ws substring_index
    locate instr left right lpad rpad ltrim rtrim regexp_replace regexp_substr json_extract json_unquote json_object
    json_arrayagg rand truncate format convert md5 sha2 uuid find_in_set field elt
  `),
  sqlserver: split(`
    getdate sysdatetime getutcdate dateadd datediff datepart datename datefromparts eomonth datetrunc format convert
    try_convert try_cast parse isnull iif choose len charindex patindex left right ltrim rtrim stuff string_agg
    string_split concat_ws translate newid rand checksum object_id isnumeric json_value json_query openjson
    percentile_cont stdev var approx_count_distinct scope_identity year month day generate_series
  `),
  clickhouse: split(`
    toDate toDateTime toDateTime64 toStartOfDay toStartOfHour toStartOfWeek toStartOfMonth toStartOfInterval toYear
    toMonth toYYYYMM now today yesterday dateDiff addDays formatDateTime parseDateTimeBestEffort toString toInt64
    toFloat64 uniq uniqExact uniqCombined quantile quantiles median groupArray groupUniqArray argMin argMax any anyLast
    countIf sumIf avgIf topK arrayJoin arrayMap arrayFilter arrayElement has length splitByChar splitByString
    extractAll match replaceRegexpAll positionCaseInsensitive JSONExtractString JSONExtractInt if multiIf ifNull
    cityHash64 formatReadableSize runningDifference windowFunnel retention numbers toTypeName
  `),
  trino: split(`
    date_trunc date_add date_diff date_format date_parse from_unixtime to_unixtime now current_date current_timestamp
    format_datetime approx_distinct approx_percentile array_agg map_agg histogram listagg cardinality element_at
    contains transform filter reduce sequence split split_part regexp_like regexp_extract regexp_replace json_extract
    json_extract_scalar json_parse try if max_by min_by arbitrary checksum strpos format url_extract_host
    year month day hour day_of_week week count_if
  `),
  dremio: split(`
    date_trunc date_add date_sub datediff timestampdiff to_char to_date to_timestamp current_date now extract
    convert_from convert_to flatten listagg ndv approx_percentile array_agg regexp_like regexp_extract regexp_replace
    split_part locate position left right lpad rpad nvl ifnull try_convert_from year month day hour
  `),
  snowflake: split(`
    date_trunc dateadd datediff date_part to_date to_timestamp to_char to_number to_variant try_to_number try_to_date
    current_date current_timestamp last_day month_name day_name iff ifnull nvl nvl2 zeroifnull decode listagg array_agg
    object_construct parse_json get_path flatten array_size split split_part regexp_replace regexp_substr regexp_like
    contains startswith endswith ilike approx_count_distinct median percentile_cont object_agg convert_timezone
    generator seq4 uuid_string ratio_to_report year month day dayofweek try_cast max_by min_by
  `),
  bigquery: split(`
    current_date current_timestamp current_datetime date_trunc date_add date_sub date_diff timestamp_trunc
    timestamp_diff timestamp_add datetime_trunc format_date format_timestamp parse_date parse_timestamp unix_seconds
    safe_divide ifnull if countif approx_count_distinct approx_quantiles any_value array_agg string_agg array_length
    array_to_string generate_array generate_date_array generate_uuid split regexp_contains regexp_extract
    regexp_replace starts_with ends_with strpos format json_value json_query json_extract_scalar to_json_string
    parse_json struct logical_and logical_or max_by min_by farm_fingerprint st_geogpoint st_distance
  `),
  duckdb: split(`
    date_trunc date_part date_diff date_add now today current_date strftime strptime epoch read_csv read_parquet
    read_json list_agg array_agg string_agg list_value struct_pack unnest range generate_series regexp_matches
    regexp_replace regexp_extract split_part string_split contains starts_with any_value arg_max arg_min max_by
    min_by median quantile_cont mode histogram approx_count_distinct list_transform list_filter count_if if ifnull
  `)
};
moreFunctions.mariadb = [
  ...(moreFunctions.mysql ?? []),
  ...split('json_table nvl nvl2 decode median percentile_cont lastval nextval')
];
moreFunctions.mindsdb = moreFunctions.mysql ?? [];

export const keywordsOf = (dialect: string): readonly string[] => [
  ...new Set([...common, ...(more[dialect] ?? [])])
];

export const functionsOf = (dialect: string): readonly string[] => [
  ...new Set([...commonFunctions, ...(moreFunctions[dialect] ?? [])])
];

/** Words that are no name where they stand without quotes, and end a list of tables or columns. */
export const reserved: ReadonlySet<string> = new Set(
  split(`
    SELECT FROM WHERE GROUP ORDER HAVING LIMIT OFFSET FETCH DISTINCT ALL AS ON USING JOIN INNER LEFT RIGHT FULL OUTER
    CROSS NATURAL UNION EXCEPT INTERSECT MINUS WITH VALUES AND OR NOT IN IS NULL LIKE ILIKE RLIKE REGEXP BETWEEN EXISTS
    ANY SOME CASE WHEN THEN ELSE END CAST OVER PARTITION WINDOW INTO UPDATE SET DELETE INSERT CREATE TABLE DROP ALTER
    PRIMARY FOREIGN REFERENCES UNIQUE CHECK CONSTRAINT DEFAULT TRUE FALSE ASC DESC QUALIFY PREWHERE SETTINGS FORMAT
    RETURNING LATERAL FOR TOP TABLESAMPLE SAMPLE FINAL PIVOT UNPIVOT ARRAY ASOF ANTI SEMI GLOBAL APPLY STRAIGHT_JOIN
    OPTION COLUMN TO USER GRANT INDEX KEY BY FILTER MERGE
  `)
);
