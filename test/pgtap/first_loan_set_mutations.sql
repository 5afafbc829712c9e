-- A first_loan_set that was truncated, corrupted or made too long is refused
-- with an error that is not an internal one; what is accepted is a sound set.
-- 13,000 random mutations of the text, the binary and the stored form.
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
SELECT setseed(0.2024);

CREATE TABLE good (id serial, s first_loan_set);
INSERT INTO good (s)
SELECT first_loan_set(b, d, r) FROM (VALUES ('91350500587527783P', date '2024-01-05', 17::bigint),
       ('short', '2023-12-31', -3), ('a borrower whose key is long', '1999-01-01', NULL)) v(b, d, r);
INSERT INTO good (s)
SELECT first_loan_set(k, d, inst, r, ok)
FROM (VALUES (1, timestamp '2024-01-05 10:00', 'Bank A', 'loan 1', true),
             (2, '2024-01-06', NULL, 'loan 2', NULL), (3, '2024-01-07', 'Bank B', 'loan 3', false)) v(k, d, inst, r, ok);
INSERT INTO good (s)
SELECT first_loan_set(('91350500MA' || lpad(k::text, 8, '0'))::uscc, timestamptz '2024-01-05 10:00+08' + k * interval '1 h', k::numeric / 7)
FROM generate_series(1, 20) k;
INSERT INTO good (s)
SELECT first_loan_set(k::numeric, date '2024-01-01' + k, 'Bank ' || k, 'ref ' || k) FROM generate_series(1, 12) k;
INSERT INTO good (s) SELECT first_loan_set(k, date '2024-01-01', k) FROM generate_series(1, 1) k WHERE false;

-- Change a few bytes, cut, double a stretch, or append.
CREATE FUNCTION pg_temp.mutate(b bytea) RETURNS bytea LANGUAGE plpgsql AS $$
DECLARE
  n int := length(b);
  at int := (random() * greatest(n - 1, 0))::int;
  len int;
BEGIN
  CASE (random() * 5)::int
    WHEN 0 THEN RETURN substr(b, 1, at);
    WHEN 1 THEN RETURN b || substr(b, at + 1);
    WHEN 2 THEN
      len := (random() * 8)::int;
      RETURN substr(b, 1, at) || substr(b, at + 1 + len);
    WHEN 3 THEN
      len := (random() * 8)::int;
      RETURN substr(b, 1, at) || substr(b, at + 1, len) || substr(b, at + 1);
    ELSE
      FOR i IN 0..(random() * 3)::int LOOP
        b := set_byte(b, (random() * (n - 1))::int,
                      (ARRAY[0, 1, 127, 128, 255, (random() * 255)::int])[1 + (random() * 5)::int]);
      END LOOP;
      RETURN b;
  END CASE;
END $$;

CREATE TABLE outcome (form text, id int, state text, detail text);

-- A set that was accepted must be one: its text reads back to itself.
CREATE FUNCTION pg_temp.try_text(form text, id int, t text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE s first_loan_set;
BEGIN
  BEGIN
    s := t::first_loan_set;
    IF s::text::first_loan_set::text <> s::text OR cardinality(s) <> (SELECT count(*) FROM members(s)) THEN
      INSERT INTO outcome VALUES (form, id, 'UNSOUND', t);
    ELSE
      INSERT INTO outcome VALUES (form, id, 'accepted', NULL);
    END IF;
  EXCEPTION WHEN OTHERS THEN
    INSERT INTO outcome VALUES (form, id, sqlstate, sqlerrm);
  END;
END $$;

DO $$
DECLARE
  g good; m bytea; t text;
BEGIN
  FOR i IN 1..4000 LOOP
    SELECT * INTO g FROM good WHERE id = 1 + i % 5;
    m := pg_temp.mutate(convert_to(g.s::text, 'UTF8'));
    BEGIN
      t := convert_from(m, 'UTF8');
    EXCEPTION WHEN OTHERS THEN
      CONTINUE;					-- never reaches the type
    END;
    PERFORM pg_temp.try_text('text', i, t);
  END LOOP;
END $$;

-- Binary input, through COPY.
CREATE TABLE copied (s first_loan_set);
DO $$
DECLARE
  g good; m bytea; s first_loan_set; lo oid;
  file text := current_setting('data_directory') || '/first_loan_set_mutation.copy';
  signature bytea := '\x5047434f50590aff0d0a00' || '\x0000000000000000'::bytea;
BEGIN
  FOR i IN 1..4000 LOOP
    SELECT * INTO g FROM good WHERE id = 1 + i % 5;
    m := first_loan_set_send(g.s);
    IF i > 5 THEN
      m := pg_temp.mutate(m);
    END IF;
    lo := lo_from_bytea(0, signature || '\x0001' || int4send(length(m)) || m || '\xffff');
    PERFORM lo_export(lo, file);
    PERFORM lo_unlink(lo);
    BEGIN
      DELETE FROM copied;
      EXECUTE format('COPY copied FROM %L (FORMAT binary)', file);
      SELECT c.s INTO s FROM copied c;
      IF s::text::first_loan_set::text <> s::text OR cardinality(s) <> (SELECT count(*) FROM members(s))
         OR (i <= 5 AND s::text <> g.s::text) THEN
        INSERT INTO outcome VALUES ('binary', i, 'UNSOUND', s::text);
      ELSE
        INSERT INTO outcome VALUES ('binary', i, 'accepted', NULL);
      END IF;
    EXCEPTION WHEN OTHERS THEN
      INSERT INTO outcome VALUES ('binary', i, sqlstate, sqlerrm);
    END;
  END LOOP;
END $$;

-- The stored form: what a damaged disk would give back.
-- A type of the same storage lets any bytes pass for a stored set.
CREATE TYPE raw;
CREATE FUNCTION raw_in(cstring) RETURNS raw LANGUAGE internal IMMUTABLE STRICT AS 'byteain';
CREATE FUNCTION raw_out(raw) RETURNS cstring LANGUAGE internal IMMUTABLE STRICT AS 'byteaout';
CREATE TYPE raw (INPUT = raw_in, OUTPUT = raw_out, ALIGNMENT = double, STORAGE = extended);
CREATE CAST (raw AS first_loan_set) WITHOUT FUNCTION;
CREATE CAST (first_loan_set AS raw) WITHOUT FUNCTION;
DO $$
DECLARE
  g good; m bytea; s first_loan_set; n bigint;
BEGIN
  FOR i IN 1..4000 LOOP
    SELECT * INTO g FROM good WHERE id = 1 + i % 3;
    m := pg_temp.mutate(g.s::raw::text::bytea);
    BEGIN
      s := m::text::raw::first_loan_set;
      SELECT cardinality(merge(x)) INTO n FROM (VALUES (s), (g.s), (s)) v(x);
      n := length(s::text);
      INSERT INTO outcome VALUES ('stored', i, 'accepted', NULL);
    EXCEPTION WHEN OTHERS THEN
      INSERT INTO outcome VALUES ('stored', i, sqlstate, sqlerrm);
    END;
  END LOOP;
END $$;

-- The same of several partitions, whose entries are narrow: what tells their form.
DO $$
DECLARE
  good raw; bytes bytea; s first_loan_set; n bigint;
BEGIN
  SELECT first_loan_set('91350503MA' || lpad(k::text, 8, '0'), date '2024-01-01' + k % 99, k::bigint)::raw INTO good
  FROM generate_series(1, 5000) k;
  bytes := good::text::bytea;
  FOR i IN 1..1000 LOOP
    BEGIN
      s := (pg_temp.mutate(substr(bytes, 1, 180)) || substr(bytes, 181))::text::raw::first_loan_set;
      SELECT cardinality(merge(x)) INTO n FROM (VALUES (s), (good::first_loan_set), (s)) v(x);
      n := length(s::text);
      INSERT INTO outcome VALUES ('stored', i, 'accepted', NULL);
    EXCEPTION WHEN OTHERS THEN
      INSERT INTO outcome VALUES ('stored', i, sqlstate, sqlerrm);
    END;
  END LOOP;
END $$;

SELECT plan(10);
CREATE VIEW summary AS
SELECT f.form, count(*) AS tried,
       count(*) FILTER (WHERE state NOT IN ('accepted', 'UNSOUND')) AS refused,
       count(*) FILTER (WHERE state = 'UNSOUND') AS unsound,
       string_agg(DISTINCT detail, '; ') FILTER (WHERE state = 'XX000') AS internal_errors
FROM (VALUES ('text'), ('binary'), ('stored')) f(form) LEFT JOIN outcome USING (form)
GROUP BY f.form;
SELECT cmp_ok(sum(tried), '>=', 10000::numeric, 'mutations that reached the type') FROM summary;
SELECT is(unsound, 0::bigint, form || ': what is accepted is sound') FROM summary ORDER BY form;
SELECT is(internal_errors, NULL, form || ': no internal error') FROM summary ORDER BY form;
SELECT cmp_ok(refused, '>', 1500::bigint, form || ': most are refused') FROM summary ORDER BY form;
SELECT * FROM finish();
ROLLBACK;
