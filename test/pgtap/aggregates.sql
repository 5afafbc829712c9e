-- The aggregates against brute force in plain SQL, over rows that are shuffled,
-- split, merged in any order, and read by parallel workers.
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
SELECT setseed(0.42);

-- Few values of everything, so that ties of every kind abound; unknowns too.
CREATE TABLE rows AS
SELECT CASE WHEN random() < 0.03 THEN NULL ELSE (random() * 300)::int END AS k,
       CASE WHEN random() < 0.03 THEN NULL
            WHEN random() < 0.02 THEN 'infinity'
            WHEN random() < 0.02 THEN '-infinity'
            ELSE date '2023-12-20' + (random() * 40)::int END AS d,
       CASE WHEN random() < 0.05 THEN NULL ELSE (random() * 50)::int - 20 END AS r,
       CASE WHEN random() < 0.05 THEN NULL ELSE 'Bank ' || (random() * 9)::int END AS inst,
       CASE WHEN random() < 0.1 THEN NULL ELSE random() < 0.7 END AS ok,
       (random() * 7)::int AS part
FROM generate_series(1, 4000);

CREATE TABLE cases (what text, b text, w text, r text);
INSERT INTO cases VALUES
  ('text, short',         $$'b' || k$$,                         'd', 'r'),
  ('text, long',          $$repeat('b', 20) || k$$,             'd', 'r'),
  ('text, 15 and 16',     $$repeat('b', 13) || lpad((k % 120)::text, CASE WHEN k % 2 = 0 THEN 2 ELSE 3 END, '0')$$, 'd', 'r'),
  ('text, like a code',   $$'91350500MA' || lpad(k::text, 8, '0')$$, 'd', 'r::bigint'),
  ('text, empty too',     $$CASE WHEN k < 3 THEN '' ELSE 'b' || k END$$, 'd', 'r'),
  ('varchar',             $$('b' || k)::varchar(20)$$,          'd', 'r'),
  ('char(n)',             $$('b' || k)::char(8)$$,              'd', 'r'),
  ('name',                $$('b' || k)::name$$,                 'd', 'r'),
  ('bytea',               $$decode(md5(k::text), 'hex')$$,      'd', 'r'),
  ('smallint',            'k::smallint - 100::smallint',        'd', 'r::smallint'),
  ('integer',             'k - 100',                            'd', 'r'),
  ('bigint',              '(k - 100) * 10000000000',            'd', 'r * 10000000000'),
  ('uuid',                'md5(k::text)::uuid',                 'd', 'md5(r::text)::uuid'),
  ('numeric',             'k::numeric(10,0) / 4',               'd', 'r::numeric'),
  ('numeric, two looks',  'CASE WHEN part % 2 = 0 THEN k::numeric ELSE k::numeric(12,2) END', 'd', 'r'),
  ('uscc',                $$('91350500MA' || lpad(k::text, 8, '0'))::uscc$$, 'd', 'r'),
  ('uscc ref',            'k',                                  'd', $$('91350500MA' || lpad(abs(r)::text, 8, '0'))::uscc$$),
  ('date',                $$date '2000-01-01' + k$$,            'd', $$date '2000-01-01' + r$$),
  ('float8',              'k::float8 / 3',                      'd', 'r::float8'),
  ('boolean',             'k % 2 = 0',                          'd', 'r > 0'),
  ('enum',                $$(enum_range(NULL::enterprise_scale))[1 + k % 4]$$, 'd', $$(enum_range(NULL::enterprise_scale))[1 + abs(r) % 4]$$),
  ('array',               'ARRAY[k, 1]',                        'd', 'r'),
  ('jsonb',               $$jsonb_build_object('k', k)$$,       'd', $$to_jsonb(r)$$),
  ('text ref',            'k',                                  'd', $$'借据' || r$$),
  ('text ref, C',         'k',                                  'd', $$('ref' || r) COLLATE "C"$$),
  ('timestamp',           'k',                                  $$d::timestamp + part * interval '3 hours 1 microsecond'$$, 'r'),
  ('timestamptz',         $$'b' || k$$,                         $$d::timestamptz + part * interval '3 hours 1 microsecond'$$, 'r'),
  ('timestamptz ref',     'k',                                  'd', $$timestamptz '2024-01-01' + r * interval '1 hour'$$),
  ('one with everything', '1',                                  'd', 'r'),
  ('all one row',         '1',                                  $$date '2024-01-05'$$, '1');

CREATE FUNCTION pg_temp.oracle_sql(c cases) RETURNS text LANGUAGE sql AS $$
  SELECT format($q$
    SELECT DISTINCT ON (b) b, w, r, inst, ok
    FROM (SELECT (%s) AS b, (%s) AS w, (%s) AS r, inst, ok FROM rows) v
    WHERE b IS NOT NULL AND w IS NOT NULL AND isfinite(w)
    ORDER BY b, w, r NULLS LAST, inst NULLS LAST, ok NULLS LAST$q$, c.b, c.w, c.r)
$$;

-- Runs the SQL and returns its one value as text.
CREATE FUNCTION pg_temp.value(query text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE result text;
BEGIN
  EXECUTE query INTO result;
  RETURN result;
END $$;

CREATE FUNCTION pg_temp.check_case(c cases) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
  rows_ text := format('(SELECT (%s) AS b, (%s) AS w, (%s) AS r, inst, ok, part FROM rows ORDER BY random()) v',
                       c.b, c.w, c.r);
  want text;
  period text := 'daterange(''2024-01-01'', ''2024-01-11'')';
BEGIN
  -- first_loan_refs: in order, and with a period
  want := pg_temp.value('SELECT coalesce(array_agg(r ORDER BY w, r NULLS LAST), ''{}'') FROM (' || pg_temp.oracle_sql(c) || ') f');
  RETURN NEXT is(pg_temp.value('SELECT first_loan_refs(b, w, r) FROM ' || rows_), want, c.what || ': refs');
  RETURN NEXT is(pg_temp.value('SELECT refs(first_loan_set(b, w, r)) FROM ' || rows_), want, c.what || ': refs of the set');
  RETURN NEXT is(
    pg_temp.value('SELECT first_loan_refs(b, w, r, ' || period || ') FROM ' || rows_),
    pg_temp.value('SELECT coalesce(array_agg(r ORDER BY w, r NULLS LAST), ''{}'') FROM (' || pg_temp.oracle_sql(c) ||
                  ') f WHERE w::date >= ''2024-01-01'' AND w::date < ''2024-01-11'''),
    c.what || ': refs of a period');

  -- first_loan_count: over all rows, then eligible, then a period
  RETURN NEXT is(
    pg_temp.value('SELECT first_loan_count(b, w, inst, r) FROM ' || rows_),
    pg_temp.value('SELECT coalesce(array_agg((inst, n)::institution_households ORDER BY inst NULLS LAST), ''{}'') FROM '
                  '(SELECT inst, count(*) AS n FROM (' || pg_temp.oracle_sql(c) || ') f GROUP BY inst) g'),
    c.what || ': count');
  RETURN NEXT is(
    pg_temp.value('SELECT first_loan_count(b, w, inst, r, ok) FROM ' || rows_),
    pg_temp.value('SELECT coalesce(array_agg((inst, n)::institution_households ORDER BY inst NULLS LAST), ''{}'') FROM '
                  '(SELECT inst, count(*) AS n FROM (' || pg_temp.oracle_sql(c) || ') f WHERE ok GROUP BY inst) g'),
    c.what || ': count of eligible');
  RETURN NEXT is(
    pg_temp.value('SELECT first_loan_count(b, w, inst, r, ok, ' || period || ') FROM ' || rows_),
    pg_temp.value('SELECT coalesce(array_agg((inst, n)::institution_households ORDER BY inst NULLS LAST), ''{}'') FROM '
                  '(SELECT inst, count(*) AS n FROM (' || pg_temp.oracle_sql(c) ||
                  ') f WHERE ok AND w::date >= ''2024-01-01'' AND w::date < ''2024-01-11'' GROUP BY inst) g'),
    c.what || ': count of eligible in a period');

  -- members, against every column of the oracle
  RETURN NEXT is(
    pg_temp.value('SELECT count(*) FROM ((SELECT ref, granted_on, institution, eligible FROM members((SELECT first_loan_set(b, w, inst, r, ok) FROM '
                  || rows_ || ')) EXCEPT ALL SELECT CASE WHEN r IS NOT NULL THEN format(''%s'', r) END, w::date, inst, ok FROM (' || pg_temp.oracle_sql(c) || ') f) UNION ALL '
                  '(SELECT CASE WHEN r IS NOT NULL THEN format(''%s'', r) END, w::date, inst, ok FROM (' || pg_temp.oracle_sql(c) || ') f EXCEPT ALL '
                  'SELECT ref, granted_on, institution, eligible FROM members((SELECT first_loan_set(b, w, inst, r, ok) FROM '
                  || rows_ || ')))) x'),
    '0', c.what || ': members');

  -- parts merged in random order; text of the whole set, exact
  want := pg_temp.value('SELECT first_loan_set(b, w, inst, r, ok) FROM ' || rows_);
  FOR parts IN 1..8 LOOP
    RETURN NEXT is(
      pg_temp.value(format('SELECT merge(s ORDER BY random()) FROM (SELECT first_loan_set(b, w, inst, r, ok) AS s FROM %s GROUP BY part %% %s) x',
                           rows_, parts)),
      want, c.what || ': ' || parts || ' parts merged');
  END LOOP;

  -- sets of one row each, in random order
  RETURN NEXT is(pg_temp.value('SELECT merge(first_loan(b, w, inst, r, ok)) FROM ' || rows_), want, c.what || ': sets of one merged');

  -- there and back again
  RETURN NEXT is(pg_temp.value('SELECT first_loan_set(b, w, inst, r, ok)::text::first_loan_set FROM ' || rows_), want,
                 c.what || ': text form is exact');
END $$;

SELECT plan((SELECT 17 * count(*)::int + 79 FROM cases));
SELECT pg_temp.check_case(c) FROM cases c;

-- Parallel workers: the plan has partial aggregates, the value is the same.
CREATE FUNCTION pg_temp.plan_of(query text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE line text; result text := '';
BEGIN
  FOR line IN EXECUTE 'EXPLAIN (COSTS OFF) ' || query LOOP
    result := result || line || E'\n';
  END LOOP;
  RETURN result;
END $$;
ALTER TABLE rows SET (parallel_workers = 3);
ANALYZE rows;
CREATE TABLE parallel_queries (id serial, query text);
INSERT INTO parallel_queries (query) VALUES
  ('SELECT first_loan_set(''b'' || k, d, inst, r, ok)::text FROM rows'),
  ('SELECT first_loan_set(k::numeric / 3, d, r::text)::text FROM rows'),
  ('SELECT first_loan_refs(k, d, r, ''[2024-01-01,2024-01-11)'')::text FROM rows'),
  ('SELECT first_loan_refs(k, d::timestamptz, r, ''[2024-01-01,2024-01-11)'')::text FROM rows'),
  ('SELECT first_loan_count(md5(k::text), d, inst, r, ok, ''[2024-01-01,)'')::text FROM rows'),
  ('SELECT first_loan_refs(k, d, r, NULL)::text FROM rows'),
  ('SELECT first_loan_set(k, d, r)::text || first_loan_refs(k, d, r)::text FROM rows'),
  ('SELECT string_agg(part || s, '','' ORDER BY part) FROM (SELECT part, first_loan_refs(k, d, r)::text AS s FROM rows GROUP BY part) x');
CREATE TABLE serial_answers AS
  SELECT id, pg_temp.value(query) AS answer FROM parallel_queries;
SET LOCAL parallel_setup_cost = 0;
SET LOCAL parallel_tuple_cost = 0;
SET LOCAL min_parallel_table_scan_size = 0;
SET LOCAL max_parallel_workers_per_gather = 3;
SELECT matches(pg_temp.plan_of(query), 'Partial.*Aggregate|Partial HashAggregate', 'parallel plan: ' || query)
FROM parallel_queries ORDER BY id;
SELECT is(pg_temp.value(query), answer, 'parallel answer: ' || query)
FROM parallel_queries JOIN serial_answers USING (id) ORDER BY id;
SET LOCAL max_parallel_workers_per_gather = 0;

-- Sets that outgrow one partition: 600,000 borrowers, serial, merged, parallel.
CREATE TABLE many AS
SELECT i AS id, (hashint8(i)::bigint & 2147483647) % 600000 AS k,
       date '2018-01-01' + (hashint8(i + 1) & 1023) AS d, (hashint8(i + 2) & 63) AS r
FROM generate_series(1, 1300000::bigint) i;
ALTER TABLE many SET (parallel_workers = 2);
ANALYZE many;
CREATE FUNCTION pg_temp.check_many(what text, b text, r text) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
  query text := format('SELECT md5(first_loan_refs(%s, d, %s)::text) FROM many', b, r);
  want text := pg_temp.value(format('SELECT md5(array_agg(r ORDER BY d, r)::text) FROM '
    '(SELECT DISTINCT ON (k) d, r FROM (SELECT k, d, %s AS r FROM many) v ORDER BY k, d, r) f', r));
BEGIN
  SET LOCAL max_parallel_workers_per_gather = 0;
  RETURN NEXT is(pg_temp.value(query), want, what || ', many: serial');
  SET LOCAL max_parallel_workers_per_gather = 3;
  RETURN NEXT is(pg_temp.value(query), want, what || ', many: parallel');
  SET LOCAL max_parallel_workers_per_gather = 0;
  RETURN NEXT is(
    pg_temp.value(format('SELECT md5(first_loan_refs(m.borrower, m.granted_on, m.ref::%s)::text) FROM '
      '(SELECT merge(s ORDER BY n DESC) AS s FROM (SELECT id / 400000 AS n, first_loan_set(%s, d, %s) AS s FROM many GROUP BY 1) x) y, members(s) m',
      pg_temp.value(format('SELECT pg_typeof(%s) FROM many LIMIT 1', r)), b, r)),
    want, what || ', many: stored, merged and taken apart');
END $$;
SELECT pg_temp.check_many('codes', $$'91350500MA' || lpad(k::text, 8, '0')$$, 'r');
SELECT pg_temp.check_many('codes, unknown refs', $$'91350500MA' || lpad(k::text, 8, '0')$$, 'nullif(r, 63)');
SELECT pg_temp.check_many('long text', $$'a borrower of many letters ' || k$$, $$'loan ' || r$$);

-- Two aggregates of one state, and partial ones that run again and again
SET LOCAL max_parallel_workers_per_gather = 3;
SELECT unnest(ARRAY[matches(pg_temp.plan_of(query), 'Partial Aggregate', 'in parallel: ' || query),
	   is(pg_temp.value(query), (SELECT md5(string_agg(k || ' ' || d || ' ' || r, ',' ORDER BY d, r, k)) || ' ' || md5(array_agg(r ORDER BY d, r)::text)
								 FROM (SELECT DISTINCT ON (k) k, d, r FROM many ORDER BY k, d, r) f), query)])
FROM (VALUES ('SELECT (SELECT md5(string_agg(borrower || '' '' || granted_on || '' '' || ref, '','' ORDER BY granted_on, ref::bigint, borrower::bigint)) FROM members(s)) '
			 '|| '' '' || md5(refs::text) FROM (SELECT first_loan_set(k, d, r) AS s, first_loan_refs(k, d, r) AS refs FROM many) x')) v(query);

-- Two states of one node, and a leader that has none, one, or all there are
CREATE FUNCTION pg_temp.check_two_states(what text, from_ text) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE query text := format('SELECT md5(first_loan_refs(k, d, r)::text) || md5(first_loan_count(id / 3, d, ''bank '' || k %% 5, r)::text) FROM %s', from_);
BEGIN
  RETURN NEXT matches(pg_temp.plan_of(query), 'Partial Aggregate', what || ': partial states');
  RETURN NEXT is(pg_temp.value(query),
    pg_temp.value(format('SELECT (SELECT md5(array_agg(r ORDER BY d, r)::text) FROM (SELECT DISTINCT ON (k) d, r FROM %1$s ORDER BY k, d, r) f) || '
      '(SELECT md5(array_agg((bank, n)::institution_households ORDER BY bank)::text) FROM (SELECT bank, count(*) AS n FROM '
      '(SELECT DISTINCT ON (id / 3) ''bank '' || k %% 5 AS bank FROM %1$s ORDER BY id / 3, d, r, k %% 5) f GROUP BY 1) g)', from_)), what);
END $$;
SELECT pg_temp.check_two_states('with a leader', 'many');
SET LOCAL parallel_leader_participation = off;
SELECT pg_temp.check_two_states('without', 'many');
RESET parallel_leader_participation;
SET LOCAL max_parallel_workers_per_gather = 0;
CREATE TABLE halves (LIKE many) PARTITION BY HASH (id);
CREATE TABLE half_0 PARTITION OF halves FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE half_1 PARTITION OF halves FOR VALUES WITH (MODULUS 2, REMAINDER 1);
INSERT INTO halves SELECT * FROM many WHERE id <= 50000;
SET LOCAL enable_partitionwise_aggregate = on;
SELECT unnest(ARRAY[matches(pg_temp.plan_of(query), 'Partial Aggregate', 'again and again: ' || query),
	   is(pg_temp.value(query), (SELECT string_agg((SELECT count(DISTINCT k) FROM halves WHERE id <= n)::text, ',' ORDER BY n) FROM unnest('{30000,50000,0,40000}'::int[]) n), query)])
FROM (VALUES ('SELECT string_agg((SELECT cardinality(first_loan_set(k, d, r)) FROM halves WHERE id <= n)::text, '','' ORDER BY n) FROM unnest(''{30000,50000,0,40000}''::int[]) n')) v(query);
SELECT pg_temp.check_two_states('partitions, in one process', 'halves');
SET LOCAL enable_partitionwise_aggregate = off;

-- Few members that are merged into many wait beside them.  A running merge is
-- read after each, and goes on.
CREATE TABLE running AS
SELECT CASE WHEN i <= 30000 THEN 1 ELSE 2 + i % 7 END AS part, CASE WHEN i <= 30000 THEN i ELSE (hashint4(i)::bigint & 2147483647) % 33000 END AS k,
       date '2018-01-01' + (hashint4(i + 1) & 1023) AS d, (hashint4(i + 2) & 63) AS r, 'bank ' || i % 3 AS bank
FROM generate_series(1, 35000) i;
CREATE FUNCTION pg_temp.check_running(what text, b text, rest text, r text) RETURNS SETOF text LANGUAGE plpgsql AS $$
BEGIN
  RETURN NEXT is(
    pg_temp.value(format('SELECT array_agg(md5(refs(s)::text) ORDER BY part) FROM (SELECT part, merge(s) OVER (ORDER BY part) AS s FROM '
      '(SELECT part, first_loan_set(%s, d, %s) AS s FROM running GROUP BY part) x OFFSET 0) y', b, rest)),
    pg_temp.value(format('SELECT array_agg((SELECT md5(array_agg(r ORDER BY d, r)::text) FROM '
      '(SELECT DISTINCT ON (k) d, r FROM (SELECT k, d, %s AS r FROM running WHERE part <= upto) v ORDER BY k, d, r) f) ORDER BY upto) '
      'FROM generate_series(1, 8) upto', r)), 'a running merge: ' || what);
END $$;
SELECT pg_temp.check_running('numbers', 'k', 'r', 'r');
SELECT pg_temp.check_running('codes', $$'91350500MA' || lpad(k::text, 8, '0')$$, 'r', 'r');
SELECT pg_temp.check_running('institutions', 'k', 'bank, r', 'r');
SELECT pg_temp.check_running('unknown refs of some', 'k', 'CASE WHEN part > 4 THEN nullif(r, 7) ELSE r END', 'CASE WHEN part > 4 THEN nullif(r, 7) ELSE r END');
SELECT pg_temp.check_running('long text', $$'a borrower of many letters ' || k$$, $$'loan ' || repeat('x', r)$$, $$'loan ' || repeat('x', r)$$);
SELECT pg_temp.check_running('a type with its own equality', 'round(k, part)', 'r', 'r');

-- Slices: each borrower is in one, by its value; their answers add up.
SELECT is((SELECT count(*) FROM many WHERE borrower_slice(k, 7) NOT BETWEEN 0 AND 6), 0::bigint, 'slices are counted from 0');
SELECT is((SELECT count(*) FROM many WHERE borrower_slice(k, 1) <> 0), 0::bigint, 'one slice has all');
SELECT is((SELECT count(*) FROM (SELECT 1 FROM many GROUP BY k HAVING min(borrower_slice(k, 7)) <> max(borrower_slice(k, 7))) x), 0::bigint,
          'a borrower is in one slice');
SELECT ok(max(n) < 1.05 * min(n), 'slices are even') FROM (SELECT count(*) AS n FROM many GROUP BY borrower_slice(k, 7)) x;
SELECT is(borrower_slice(1.0, 1000), borrower_slice(1.000, 1000), 'equal borrowers, one slice');
SELECT is(borrower_slice(NULL::int, 7), NULL, 'no borrower, no slice');
SELECT is(borrower_slice(b, 1000)::numeric, (h + CASE WHEN h < 0 THEN 18446744073709551616 ELSE 0 END) % 1000, 'by the hash of the type, the same everywhere')
FROM (SELECT b, hashtextextended(b, 0)::numeric AS h FROM unnest(ARRAY['91350500587527783P', '短', '']) b) x;

-- A set beyond the limit ends the statement, and slices are the way past it.
SET LOCAL first_loan.max_state_memory = '8MB';
SELECT throws_ok($$SELECT first_loan_refs(k, d, id) FROM many$$, '53400', NULL, 'a limit on the memory of a set');
SELECT is(refs, want, 'slices within the limit add up')
FROM (SELECT array_agg(ref ORDER BY ref) AS refs
      FROM (SELECT unnest((SELECT first_loan_refs(k, d, id) FROM many WHERE borrower_slice(k, 8) = slice)) AS ref
            FROM generate_series(0, 7) AS slice) x) a,
     (SELECT array_agg(id ORDER BY id) AS want FROM (SELECT DISTINCT ON (k) id FROM many ORDER BY k, d, id) f) b;
RESET first_loan.max_state_memory;

-- Keys that someone who knows the cluster's seed makes to collide in the hash that divides a set
-- (set_core.c) take no more than a few times as long as others.
CREATE FUNCTION pg_temp.times(x bigint, y numeric) RETURNS bigint LANGUAGE sql AS $$
  SELECT (CASE WHEN p >= 9223372036854775808 THEN p - 18446744073709551616 ELSE p END)::bigint
  FROM (SELECT ((CASE WHEN x < 0 THEN x + 18446744073709551616 ELSE x::numeric END) * y) % 18446744073709551616 AS p) v
$$;
CREATE FUNCTION pg_temp.shifted(x bigint) RETURNS bigint LANGUAGE sql AS 'SELECT x # ((x >> 33) & 2147483647)';
CREATE FUNCTION pg_temp.mix(x bigint) RETURNS bigint LANGUAGE sql AS $$
  SELECT pg_temp.shifted(pg_temp.times(pg_temp.shifted(pg_temp.times(pg_temp.shifted(x), 18397679294719823053)), 14181476777654086739))
$$;
CREATE FUNCTION pg_temp.little_endian(x bigint) RETURNS text LANGUAGE sql AS $$
  SELECT string_agg(substr(lpad(to_hex(x), 16, '0'), i, 2), '' ORDER BY i DESC) FROM generate_series(1, 15, 2) i
$$;
CREATE TABLE keys AS
SELECT i, md5(i::text)::uuid AS other, (pg_temp.little_endian(42 # pg_temp.mix(i # seed)) || pg_temp.little_endian(i))::uuid AS crafted
FROM generate_series(1, 50000::bigint) i, (SELECT pg_temp.mix(system_identifier) AS seed FROM pg_control_system() OFFSET 0) s;
CREATE FUNCTION pg_temp.seconds(query text, n bigint) RETURNS float8 LANGUAGE plpgsql AS $$
DECLARE best float8; start timestamptz;
BEGIN
  FOR i IN 1..3 LOOP
    start := clock_timestamp();
    IF pg_temp.value(query)::bigint <> n THEN
      RAISE EXCEPTION 'wrong answer: %', query;
    END IF;
    best := least(best, extract(epoch FROM clock_timestamp() - start));
  END LOOP;
  RETURN best;
END $$;
SELECT cmp_ok(pg_temp.seconds('SELECT cardinality(first_loan_set(crafted, date ''2024-01-01'', i)) FROM keys', 50000), '<',
              0.2 + 5 * pg_temp.seconds('SELECT cardinality(first_loan_set(other, date ''2024-01-01'', i)) FROM keys', 50000),
              'crafted keys are no attack');

-- A set that goes from one aggregate straight into another, not yet stored.
SELECT is(merge(s)::text, (SELECT first_loan_set(k, d, inst, r, ok)::text FROM rows), 'sets merged as they are made')
FROM (SELECT first_loan_set(k, d, inst, r, ok) AS s FROM rows GROUP BY part) x;

-- Many small groups in a hash aggregate, in memory and spilled.
CREATE FUNCTION pg_temp.many_groups(memory text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
  PERFORM set_config('work_mem', memory, true), set_config('enable_sort', 'off', true);
  RETURN pg_temp.value('SELECT md5(string_agg(k || s, '','' ORDER BY k)) FROM '
    '(SELECT k, first_loan_refs(r, d, id)::text AS s FROM many WHERE id <= 150000 GROUP BY k) x');
END $$;
SELECT is(pg_temp.many_groups(memory),
          (SELECT md5(string_agg(k || s, ',' ORDER BY k))
           FROM (SELECT k, array_agg(id ORDER BY d, id)::text AS s
                 FROM (SELECT DISTINCT ON (k, r) k, d, id FROM many WHERE id <= 150000 ORDER BY k, r, d, id) f GROUP BY k) g),
          'many groups, work_mem ' || memory)
FROM (VALUES ('1GB'), ('256kB')) v(memory);
RESET work_mem;
RESET enable_sort;

-- No rows, and none that take part.
SELECT is(first_loan_refs(k, d, r), '{}', 'no rows: refs') FROM rows WHERE false;
SELECT is(first_loan_count(k, d, inst, r), '{}', 'no rows: count') FROM rows WHERE false;
SELECT is(cardinality(first_loan_set(k, d, r)), 0::bigint, 'no rows: set') FROM rows WHERE false;
SELECT is(merge(s), NULL, 'no sets: merge is NULL') FROM (SELECT NULL::first_loan_set AS s) x;
SELECT is(first_loan_refs(NULL::int, d, r), '{}', 'no borrower is known') FROM rows;
SELECT is(first_loan_refs(k, NULL::date, r), '{}', 'no date is known') FROM rows;
SELECT is(first_loan_refs(k, date 'infinity', r), '{}', 'no date is finite') FROM rows;
SELECT is(first_loan_refs(k, timestamp '-infinity', r), '{}', 'no moment is finite') FROM rows;
SELECT is(first_loan_refs(k, d, NULL::int), '{NULL,NULL}', 'an unknown ref is a ref')
FROM (VALUES (1, date '2024-01-01'), (2, '2024-01-02')) v(k, d);
SELECT is((SELECT first_loan_refs(k, d, r, NULL) FROM rows), NULL, 'unknown period: unknown answer');
SELECT is(first_loan_refs(k, d, r, 'empty'), '{}', 'empty period') FROM rows;
SELECT is(merge(s)::text, (SELECT first_loan_set(k, d, r)::text FROM rows), 'empty sets change nothing')
FROM (SELECT first_loan_set(k, d, r) AS s FROM rows
      UNION ALL SELECT first_loan_set(k, d, r) FROM rows WHERE false UNION ALL SELECT NULL) x;

-- A period is tested at both bounds, after the first borrowing is found.
SELECT is(first_loan_refs(b, d, r, '[2024-01-01,2024-04-01)'), '{2,3}', 'period: first day in, day after the last out')
FROM (VALUES (1, date '2023-12-31', 1), (1, '2024-02-01', 9), (2, '2024-01-01', 2),
             (3, '2024-03-31', 3), (4, '2024-04-01', 4)) v(b, d, r);
SELECT is(first_loan_refs(b, d, r, stat_period('2024Q1')), '{2,3}', 'period: last moment in, first moment after out')
FROM (VALUES (1, timestamp '2023-12-31 23:59:59.999999', 1), (2, '2024-01-01 00:00', 2),
             (3, '2024-03-31 23:59:59.999999', 3), (4, '2024-04-01 00:00', 4)) v(b, d, r);
SELECT is(first_loan_refs(b, d, r, '[1969-12-31,1970-01-01)'), '{2}', 'period: days before 2000 are whole days')
FROM (VALUES (1, timestamp '1969-12-30 23:59:59.999999', 1), (2, '1969-12-31 00:00:00.000001', 2),
             (3, '1970-01-01 00:00', 3)) v(b, d, r);
SET LOCAL TimeZone = 'Asia/Shanghai';
SELECT is(first_loan_refs(b, d, r, stat_period('2024')), '{2}', 'period: the day of a timestamptz is that of the session')
FROM (VALUES (1, timestamptz '2023-12-31 15:59:59+00', 1), (2, '2023-12-31 16:00:00+00', 2)) v(b, d, r);

-- domain.md 10.1: "first loan that is eligible" is another question.
SELECT is(first_loan_count(b, d, i, r, ok), '{}', 'a first borrowing that is not eligible is not replaced by the next')
FROM (VALUES (1, date '2024-01-01', 'A', 1, false), (1, '2024-02-01', 'B', 2, true),
             (2, '2024-01-01', 'A', 3, NULL), (2, '2024-02-01', 'B', 4, true)) v(b, d, i, r, ok);
-- domain.md 10.3: two banks on one day are one household
SELECT is(first_loan_count(b, d, i, r), '{"(B,1)"}', 'same day, two banks: the smaller ref')
FROM (VALUES (1, date '2024-01-01', 'A', 7), (1, '2024-01-01', 'B', 6)) v(b, d, i, r);

-- As a window aggregate: the state goes on after each answer.
SELECT is(array_agg(n), '{1,1,2,3}', 'running count over a window')
FROM (SELECT cardinality(first_loan_set(b, d, r) OVER (ORDER BY r)) AS n
      FROM (VALUES (1, date '2024-01-01', 1), (1, '2024-01-01', 2), (2, '2024-01-01', 3), (3, '2024-01-01', 4)) v(b, d, r)) x;
SELECT is(array_agg(s::text), array_agg(want), 'sets of a window do not change after')
FROM (SELECT first_loan_set(k, d, r) OVER w AS s,
             (SELECT first_loan_set(k, d, r)::text FROM (SELECT * FROM rows WHERE part = 0 AND r IS NOT NULL ORDER BY ctid LIMIT n) y) AS want
      FROM (SELECT *, row_number() OVER (ORDER BY ctid) AS n FROM rows WHERE part = 0 AND r IS NOT NULL LIMIT 50) x
      WINDOW w AS (ORDER BY n)) z;

-- Sets of every small size, each merged into one of another size that must grow
-- for it, so that arrays and indexes move between one borrower and the next.
CREATE FUNCTION pg_temp.refs_of_two(borrower text, institution text) RETURNS SETOF text[] LANGUAGE plpgsql AS $$
BEGIN
	RETURN QUERY EXECUTE format($q$
		SELECT array_agg(n || ' ' || array_to_string(refs(merged), ' ') ORDER BY n) FROM (
			SELECT n, merge(s ORDER BY part) AS merged FROM (
				SELECT n, part, first_loan_set(%1$s, date '2024-02-01' - (part * k %% 3 - 1), %2$s part * 10000 + k) AS s
				FROM generate_series(1, 601, 12) n, generate_series(1, 2) part, LATERAL (
					SELECT (i * 7919 %% 1009 + part * n / 3) AS k FROM generate_series(1, CASE part WHEN 1 THEN n ELSE 610 - n END) i) i
				GROUP BY n, part) x
			GROUP BY n) y
		UNION ALL
		SELECT array_agg(n || ' ' || refs ORDER BY n) FROM (
			SELECT n, string_agg(ref::text, ' ' ORDER BY d, ref) AS refs FROM (
				SELECT DISTINCT ON (n, k) n, k, d, ref FROM (
					SELECT n, k, date '2024-02-01' - (part * k %% 3 - 1) AS d, part * 10000 + k AS ref
					FROM generate_series(1, 601, 12) n, generate_series(1, 2) part, LATERAL (
						SELECT (i * 7919 %% 1009 + part * n / 3) AS k FROM generate_series(1, CASE part WHEN 1 THEN n ELSE 610 - n END) i) i) r
				ORDER BY n, k, d, ref) f
			GROUP BY n) y$q$, borrower, institution);
END $$;
SELECT is(count(DISTINCT r), 1::bigint, 'sets that grow as they are merged: ' || what)
FROM (VALUES ('numbers', 'k', ''), ('numbers, with institutions', 'k', $$'Bank ' || k % 5,$$), ('long texts', $$repeat('b', 30) || k$$, '')) v(what, b, i),
	LATERAL pg_temp.refs_of_two(b, i) r GROUP BY what;

SELECT * FROM finish();
ROLLBACK;
