-- first_loan_set: text and binary form, errors, plans.  What the values mean is
-- tested by test/pgtap/aggregates.sql.
SET search_path = first_loan, public;
SET extra_float_digits = 1;

-- text form
SELECT first_loan_set(b, d, r) FROM (VALUES
  ('91350500587527783P', date '2024-01-05', 17::bigint),
  ('91350500587527783P', '2024-01-04', 99),
  ('q"uote', '2023-12-31', NULL)) v(b, d, r);
SELECT first_loan_set(b, d, i, r, ok) FROM (VALUES
  (1, timestamp '2024-01-05 10:00', 'Bank A', 'x', true),
  (2, '2024-01-05 09:59:59.999999', NULL, 'y', NULL),
  (3, '0044-03-15 12:00 BC', 'Bank "B"', NULL, false)) v(b, d, i, r, ok);
SET TimeZone = 'Asia/Shanghai';
SELECT first_loan_set('x'::text COLLATE "C", timestamptz '2024-01-05 10:00+00', 1);
SELECT first_loan_set(1, date '2024-01-01', 1) WHERE false;

-- input: any layout of blanks; two of one borrower are the first of both
SELECT '{"borrower":"text","granted_on":"date","ref":"bigint","members":[["a","2024-02-01","1"],["b","2024-01-01","2"],["a","2024-01-01","3"]]}'::first_loan_set;
SELECT '{"borrower": "numeric", "granted_on": "date", "ref": "int", "members": [["1.00", "2024-01-01", "1"], ["1", "2024-02-01", "2"]]}'::first_loan_set;

-- equality is of members, not of how they came together
SELECT a = b AS same, a <> b AS differ FROM (SELECT
  (SELECT first_loan_set(b, date '2024-01-01' + b, b) FROM generate_series(1, 100) b) AS a,
  (SELECT first_loan_set(b, date '2024-01-01' + b, b) FROM (SELECT generate_series(100, 1, -1) b UNION ALL SELECT 7) x) AS b) y;
SELECT first_loan_set(1, date '2024-01-01', 1) = first_loan_set(1, date '2024-01-01', 1::bigint);

-- readers
CREATE TABLE stored AS
  SELECT a % 3 AS part, first_loan_set('b' || a, date '2024-01-01' + a, 'Bank ' || a % 2, a * 10, a <> 4) AS s
  FROM generate_series(1, 6) a GROUP BY a % 3;
SELECT part, cardinality(s), borrowers(s), refs(s), refs(s, '[2024-01-03,2024-01-05)') FROM stored ORDER BY part;
SELECT m.* FROM stored, members(s) m ORDER BY m.granted_on;
SELECT m.* FROM stored, members(s, stat_period('2024-01')) m WHERE part = 0;
SELECT c.* FROM (SELECT merge(s) AS s FROM stored) x, unnest(first_loan_count(s)) c;
SELECT c.* FROM (SELECT merge(s) AS s FROM stored) x, unnest(first_loan_count(s, '[2024-01-03,2024-01-06)')) c;
SELECT granted_on, granted_at FROM members((SELECT first_loan_set(1, timestamptz '2023-12-31 16:00+00', 1)));
SELECT first_loan_count(first_loan_set(1, date '2024-01-01', 1));
SELECT refs(NULL), cardinality(NULL::first_loan_set);

-- errors in text
\set VERBOSITY terse
SELECT ''::first_loan_set;
SELECT '[]'::first_loan_set;
SELECT '{}'::first_loan_set;
SELECT '{"members": []}'::first_loan_set;
\set VERBOSITY default
SELECT '{"borrower": "text", "granted_on": "date", "ref": "int", "members": [["a", "2024-01-01", "1"]'::first_loan_set;
SELECT '{"borrower": "text", "granted_on": "date", "reference": "int"}'::first_loan_set;
SELECT '{"borrower": "text", "borrower": "text"}'::first_loan_set;
SELECT '{"borrower": "no_such_type", "granted_on": "date", "ref": "int", "members": []}'::first_loan_set;
SELECT '{"borrower": "point", "granted_on": "date", "ref": "int", "members": []}'::first_loan_set;
SELECT '{"borrower": "text", "granted_on": "date", "ref": "point", "members": []}'::first_loan_set;
SELECT '{"borrower": "anyelement", "granted_on": "date", "ref": "int", "members": []}'::first_loan_set;
SELECT '{"borrower": "text", "granted_on": "time", "ref": "int", "members": []}'::first_loan_set;
SELECT '{"borrower": "text", "granted_on": "date", "ref": "int", "collation": "no_such", "members": []}'::first_loan_set;
SELECT '{"borrower": "text", "granted_on": "date", "ref": "int", "members": [["a", "2024-01-01", "1"], ["b", "2024-01-01"]]}'::first_loan_set;
SELECT '{"borrower": "text", "granted_on": "date", "ref": "int", "members": [["a", "2024-01-01", "1", "2"]]}'::first_loan_set;
SELECT '{"borrower": "text", "granted_on": "date", "ref": "int", "members": [["a", "infinity", "1"]]}'::first_loan_set;
SELECT '{"borrower": "text", "granted_on": "date", "ref": "int", "members": [[null, "2024-01-01", "1"]]}'::first_loan_set;
SELECT '{"borrower": "text", "granted_on": "date", "ref": "int", "members": [["a", "2024-01-01", 1]]}'::first_loan_set;
SELECT '{"borrower": "text", "granted_on": "date", "ref": "int", "members": [{"a": 1}]}'::first_loan_set;
SELECT '{"borrower": "text", "granted_on": "date", "ref": "int", "members": [["a", "2024-01-01", "one"]]}'::first_loan_set;
SELECT '{"borrower": "text", "granted_on": "date", "ref": "int", "period": ["2024-01-01"], "members": []}'::first_loan_set;

-- errors in use
SELECT first_loan_set('a', date '2024-01-01', 1);
SELECT first_loan_set(point(1, 2), date '2024-01-01', 1);
SELECT first_loan_set(1, date '2024-01-01', point(1, 2));
SELECT first_loan_count(1, date '2024-01-01', 'Bank', 1);
SELECT first_loan_refs(b COLLATE "C", date '2024-01-01', r COLLATE "POSIX") FROM (VALUES ('a', 'b')) v(b, r);
SELECT first_loan_refs(1, d, 1, p) FROM (VALUES (date '2024-01-01', daterange('2024-01-01', '2024-04-01')),
  ('2024-01-02', daterange('2024-01-01', '2024-07-01'))) v(d, p);
SELECT merge(s) FROM (SELECT first_loan_set(1, date '2024-01-01', 1) UNION ALL SELECT first_loan_set(1::bigint, date '2024-01-01', 1)) x(s);
SELECT merge(s) FROM (SELECT first_loan_set(1, date '2024-01-01', 1) UNION ALL SELECT first_loan_set(1, timestamp '2024-01-01', 1)) x(s);
SELECT merge(s) FROM (SELECT first_loan_set(1, date '2024-01-01', 1) UNION ALL SELECT first_loan_set(1, date '2024-01-01', 'x'::text, 1)) x(s);
SELECT merge(s) FROM (SELECT first_loan_set(b, date '2024-01-01', 1) FROM (VALUES ('a'::text)) v(b) UNION ALL SELECT first_loan_set(b COLLATE "C", date '2024-01-01', 1) FROM (VALUES ('a'::text)) v(b)) x(s);
SELECT first_loan_set_combine(s, s) FROM stored WHERE part = 0;
SELECT borrower_slice(1, 0);
SELECT borrower_slice(point(1, 2), 4);
SELECT first_loan(1, date '2024-01-01', point(1, 2));
SET first_loan.max_state_memory = '64kB';
SELECT first_loan_refs(i, date '2024-01-01', i) FROM generate_series(1, 10000) i;
RESET first_loan.max_state_memory;

-- a set of one
SELECT first_loan(1, timestamp '2024-01-05 10:00', 'Bank A'::text, 'x'::text, NULL);
SELECT first_loan(1, date '2024-01-05', 7), first_loan('a'::text, date '2024-01-05', 'Bank A'::text, 7);
SELECT first_loan(NULL::int, date '2024-01-05', 7), first_loan(1, date 'infinity', 7);

-- one scan answers several questions
SELECT first_loan_refs(b, d, r), cardinality(first_loan_set(b, d, r))
FROM (VALUES (1, date '2024-01-02', 1), (1, '2024-01-01', 2), (2, '2024-01-01', 3)) v(b, d, r);

-- the first aggregate of a session
\c -
SET search_path = first_loan, public;
SELECT first_loan_refs(i % 20, date '2024-01-01' + i, i) FROM generate_series(1, 99) i;
CREATE TABLE halves AS SELECT first_loan_set(i, date '2024-01-01', i) AS s FROM generate_series(1, 12) i;
INSERT INTO halves TABLE halves;
\c -
SET search_path = first_loan, public;
SELECT refs(merge(s)) FROM halves;

DROP TABLE stored, halves;
