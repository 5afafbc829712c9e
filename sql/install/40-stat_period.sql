
-- statistical periods

CREATE FUNCTION stat_period(text) RETURNS daterange
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION stat_period(text) IS 'dates of a period written as 2024, 2024H1, 2024Q3, 2024-05, 2024-2026 or in Chinese';
