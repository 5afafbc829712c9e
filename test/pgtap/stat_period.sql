\set QUIET 1
\set ON_ERROR_STOP 1
\pset format unaligned
\pset tuples_only true
\pset pager off
BEGIN;
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pgtap;
CREATE EXTENSION IF NOT EXISTS first_loan;
SET search_path = first_loan, public;

SELECT plan(16);

CREATE FUNCTION pg_temp.months(year int, first int, n int) RETURNS daterange LANGUAGE sql AS
$$SELECT daterange(make_date(year, first, 1), (make_date(year, first, 1) + n * interval '1 month')::date)$$;
CREATE TEMP TABLE years AS SELECT y FROM generate_series(1999, 2033) y;

SELECT is_empty($$SELECT y FROM years, unnest(ARRAY[y::text, y || '年', format('%s-%s', y, y), format('%s-%s年', y, y), y || '年1-12月', y || '年前四季度']) p
	WHERE stat_period(p) IS DISTINCT FROM pg_temp.months(y, 1, 12)$$, 'years');
SELECT is_empty($$SELECT y FROM years, generate_series(0, 9) n WHERE stat_period(format('%s-%s', y, y + n)) IS DISTINCT FROM daterange(make_date(y, 1, 1), make_date(y + n + 1, 1, 1))$$,
	'ranges of years');
SELECT is_empty($$SELECT y, h FROM years, (VALUES (1, '上'), (2, '下')) AS t (h, zh), unnest(ARRAY[y || 'H' || h, y || '-H' || h, y || 'h' || h, y || '-h' || h, y || '年' || zh || '半年']) p
	WHERE stat_period(p) IS DISTINCT FROM pg_temp.months(y, h * 6 - 5, 6)$$, 'halves');
SELECT is_empty($$SELECT y, q FROM years, (VALUES (1, '一'), (2, '二'), (3, '三'), (4, '四')) AS t (q, zh),
	unnest(ARRAY[y || 'Q' || q, y || '-Q' || q, y || 'q' || q, y || '年' || zh || '季度', y || '年第' || zh || '季度', y || '年' || q || '季度', y || '年第' || q || '季度']) p
	WHERE stat_period(p) IS DISTINCT FROM pg_temp.months(y, q * 3 - 2, 3)$$, 'quarters');
SELECT is_empty($$SELECT y, q FROM years, (VALUES (1, '一'), (2, '二'), (2, '两'), (3, '三'), (4, '四')) AS t (q, zh), unnest(ARRAY[y || '年前' || zh || '季度', y || '年前' || q || '季度']) p
	WHERE stat_period(p) IS DISTINCT FROM pg_temp.months(y, 1, q * 3)$$, 'the first quarters');
SELECT is_empty($$SELECT y, m FROM years, generate_series(1, 12) m, unnest(ARRAY[format('%s-%s', y, lpad(m::text, 2, '0')), format('%s年%s月', y, m), format('%s年%s月', y, lpad(m::text, 2, '0'))]) p
	WHERE stat_period(p) IS DISTINCT FROM pg_temp.months(y, m, 1)$$, 'months, February of leap years among them');
SELECT is_empty($$SELECT y, a, b FROM years, generate_series(1, 12) a, generate_series(a, 12) b WHERE stat_period(format('%s年%s-%s月', y, a, b)) IS DISTINCT FROM pg_temp.months(y, a, b - a + 1)$$,
	'months from to');
SELECT is(stat_period('2024-2026'), '[2024-01-01,2027-01-01)'::daterange, 'the action plan');
SELECT ok(lower_inc(p) AND NOT upper_inc(p) AND NOT lower_inf(p) AND NOT upper_inf(p), 'canonical') FROM stat_period('2024Q3') p;
SELECT is(stat_period(NULL), NULL, 'NULL');

CREATE FUNCTION pg_temp.refused(p text) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
	PERFORM stat_period(p);
	RETURN false;
EXCEPTION WHEN invalid_datetime_format THEN
	RETURN SQLERRM = format('invalid statistical period "%s"', p);
END $$;
SELECT is((SELECT array_agg(n ORDER BY n) FROM generate_series(0, 9) n WHERE NOT pg_temp.refused('2024H' || n)), '{1,2}', 'two halves');
SELECT is((SELECT array_agg(n ORDER BY n) FROM generate_series(0, 19) n WHERE NOT pg_temp.refused('2024Q' || n)), '{1,2,3,4}', 'four quarters');
SELECT is((SELECT count(*) FROM generate_series(0, 99) n WHERE NOT pg_temp.refused('2024-' || lpad(n::text, 2, '0'))), 12::bigint, 'twelve months');
SELECT is((SELECT count(*) FROM generate_series(2015, 2034) n WHERE NOT pg_temp.refused('2024-' || n)), 11::bigint, 'no range of years backwards');
-- any one character less or more than a form makes it another form or an error, never a crash
SELECT is((SELECT count(*) FROM unnest('{2024Q3,2024-05,2024年前三季度,2024年第三季度,2024年1-9月,2024-2026年}'::text[]) p, generate_series(1, length(p)) i,
		   LATERAL (SELECT pg_temp.refused(overlay(p PLACING '#' FROM i FOR 1)) AS r) x WHERE NOT r), 0::bigint, 'a strange character anywhere is refused');

-- names as they stand on the cover of a yearly report
SELECT is((SELECT array_agg(stat_period(name)::text) FROM unnest('{2024年度,2024年全年,2024年度第三季度}'::text[]) name),
	'{"[2024-01-01,2025-01-01)","[2024-01-01,2025-01-01)","[2024-07-01,2024-10-01)"}', 'the whole year in other words');

SELECT * FROM finish();
ROLLBACK;
