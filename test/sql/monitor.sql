-- The monitor: errors of create_monitor told all at once, what is switched
-- off, hostile names, who may note, codes that are not understood, what is
-- tracked, refresh by a high-water column, removal.
SET timezone = 'Asia/Shanghai';
SET datestyle = 'ISO';
SET search_path = public, first_loan;
\set VERBOSITY terse
\set SHOW_CONTEXT never

-- ---------------------------------------------------------------------
-- All mistakes at once, each with what to do about it
-- ---------------------------------------------------------------------
CREATE TABLE bad_borrowings (borrower bigint, institution varchar(20), granted_on text, "ref" text, security integer, rate float8, loaded_at date);
CREATE TABLE bad_households (borrower text, eligible text, persons bigint, revenue integer);
CREATE TABLE bad_reports (borrower text, report jsonb);
CREATE TABLE bad_taxpayers (borrower char(18), operating integer);
\set VERBOSITY default
SELECT create_monitor('pg_bad', 'bad_borrowings', 'bad_households', 'bad_reports', NULL, 'bad_taxpayers', target => -1,
	period => 'empty', reporting_lag => -1, private_as => NULL, ceiling => 'NaN', ceiling_inclusive => NULL,
	report_rules => '{"leasing": "no", "codes": 1, "wrong": true}');
SELECT create_monitor('m', NULL, report_rules => '[]');
\set VERBOSITY terse
SELECT count(*) FROM pg_namespace WHERE nspname IN ('pg_bad', 'm');

-- ---------------------------------------------------------------------
-- What the absence of optional sources and columns switches off
-- ---------------------------------------------------------------------
CREATE TABLE loans (borrower text, bank text, day date, number text, amount numeric, loaded_at timestamptz DEFAULT '2024-07-01');
CREATE VIEW borrowings AS
SELECT borrower, bank AS institution, day AS granted_on, number AS ref, 'loan' AS instrument, amount, loaded_at FROM loans;
CREATE TABLE households (borrower text, kind text, scale text, ownership text, industry text, area text, persons integer, revenue numeric,
	assets numeric, eligible boolean, loaded_at timestamptz);
\set VERBOSITY default
SELECT create_monitor('m', 'borrowings', 'households');
\set VERBOSITY terse
SELECT create_monitor('m', 'borrowings');		-- there is one
SELECT refresh('none');
SELECT track('none', 'loans', 'borrower');
SELECT drop_monitor('none');
SELECT drop_monitor('public');

-- ---------------------------------------------------------------------
-- Tracking: what can be, and what is told of what is not
-- ---------------------------------------------------------------------
SET client_min_messages = warning;
SELECT track('m', 'loans', NULL);
SELECT track('m', 'loans', 'bank_code');
SELECT track('m', 'borrowings', 'borrower');
SELECT track('m', 'loans', 'borrower', 'borrowings');
CREATE VIEW cycle AS SELECT number AS identifier, borrower FROM loans;
SELECT track('m', 'loans', 'number', 'cycle');
CREATE FOREIGN DATA WRAPPER nothing;
CREATE SERVER far FOREIGN DATA WRAPPER nothing;
CREATE FOREIGN TABLE far_loans (borrower text) SERVER far;
SELECT track('m', 'far_loans', 'borrower');
CREATE MATERIALIZED VIEW night AS SELECT * FROM loans;
SELECT track('m', 'night', 'borrower');
SELECT * FROM untracked('m');
SELECT track('m', 'loans', 'borrower');
SELECT track('m', 'loans', 'borrower');		-- again: no harm
SELECT count(*), count(DISTINCT tgname) FROM pg_trigger WHERE tgrelid = 'loans'::regclass;
SELECT * FROM untracked('m');
SELECT track('m', 'households', 'borrower');
SELECT * FROM untracked('m');
-- not by a user's own hand
CREATE TRIGGER wrong BEFORE INSERT ON loans FOR EACH ROW EXECUTE FUNCTION note_changes('m', 'borrower');
INSERT INTO loans VALUES ('A', 'K1', '2024-03-01', 'L1', 10);
DROP TRIGGER wrong ON loans;

-- ---------------------------------------------------------------------
-- Refreshes: a row for each borrower, then nothing, then what has changed
-- ---------------------------------------------------------------------
INSERT INTO loans VALUES ('A', 'K1', '2024-03-01', 'L1', 10), ('A', 'K2', '2024-05-01', 'L2', 20), ('B', 'K1', '2024-04-01', 'L3', 30),
	(NULL, 'K1', '2024-01-01', 'L8', 5), ('C', 'K1', NULL, 'L9', 5), ('C', 'K1', 'infinity', 'L7', 5), ('C', 'K1', '-infinity', 'L6', 5);
SELECT refresh('m'), refresh('m');
SELECT borrower, granted_on, institution, ref, amount, verdict FROM m.register ORDER BY 1;
SELECT count(*) FROM m.changes;
UPDATE loans SET amount = amount;		-- nothing
SELECT count(*) FROM m.changes;
UPDATE loans SET day = '2024-02-01' WHERE number = 'L2';
INSERT INTO loans VALUES ('A', 'K3', '2024-06-01', 'L4', 40);
DELETE FROM loans WHERE borrower = 'B';
INSERT INTO households (borrower, scale) VALUES ('Z', 'micro'), ('A', 'micro');
SELECT borrower FROM m.changes ORDER BY 1;
SELECT refresh('m');
SELECT borrower, granted_on, institution, ref, scale, eligible FROM m.register ORDER BY 1;
SELECT kind, borrowers, inserted, updated, deleted FROM m.refreshes ORDER BY id;
-- a rule that changes changes everything
UPDATE m.ceiling SET amount = 5;
SELECT refresh('m');
SELECT kind FROM m.refreshes ORDER BY id DESC LIMIT 1;
TRUNCATE loans;
SELECT borrower IS NULL AS everything FROM m.changes;
SELECT refresh('m');
TABLE m.register;

-- a trigger that was disabled or dropped, a partition that came later
ALTER TABLE loans DISABLE TRIGGER USER;
INSERT INTO loans VALUES ('A', 'K1', '2024-03-01', 'L1', 10);
SELECT refresh('m');
ALTER TABLE loans ENABLE TRIGGER USER;
SELECT refresh('m');
SELECT kind, inserted FROM m.refreshes ORDER BY id DESC LIMIT 2;
CREATE TABLE flow (borrower text, bank text, day date, number text, amount numeric) PARTITION BY LIST (bank);
CREATE TABLE flow_1 PARTITION OF flow FOR VALUES IN ('K1');
CREATE VIEW flow_borrowings AS SELECT borrower, bank AS institution, day AS granted_on, number AS ref, 'loan' AS instrument, amount FROM flow;
SELECT create_monitor('parts', 'flow_borrowings'), track('parts', 'flow', 'borrower');
SELECT * FROM untracked('parts');
CREATE TABLE flow_2 PARTITION OF flow FOR VALUES IN ('K2');
INSERT INTO flow VALUES ('A', 'K1', '2024-03-01', 'L1', 10);
INSERT INTO flow_2 VALUES ('B', 'K2', '2024-03-01', 'L2', 10);
\set VERBOSITY default
SELECT refresh('parts');
\set VERBOSITY terse
SELECT track('parts', 'flow', 'borrower');
INSERT INTO flow_2 VALUES ('C', 'K2', '2024-03-01', 'L3', 10);
SELECT refresh('parts');
DROP TABLE flow_2;
SELECT refresh('parts');
SELECT borrower FROM parts.register;
-- a source that is gone leaves the register as it was
DROP VIEW flow_borrowings;
SELECT refresh('parts', "full" => true);
SELECT borrower FROM parts.register;
SELECT drop_monitor('parts');
SELECT count(*) FROM pg_trigger WHERE tgrelid IN ('flow'::regclass, 'flow_1'::regclass);

-- tables that cannot be tracked: by when rows were loaded, or everything
SELECT create_monitor('far', 'borrowings');
SELECT refresh('far'), refresh('far', since => '2024-07-01');
INSERT INTO loans VALUES ('D', 'K1', '2024-03-01', 'L20', 10, '2024-07-02'), ('E', 'K1', '2024-03-01', 'L21', 10, '2024-07-03');
SELECT refresh('far', since => '2024-07-03');
SELECT borrower FROM far.register ORDER BY 1;
SELECT refresh('far', since => '2024-07-01');
SELECT borrower FROM far.register ORDER BY 1;
DELETE FROM loans WHERE borrower = 'E';
SELECT refresh('far', since => '2024-07-01'), refresh('far');		-- a deletion is seen by a full one
SELECT kind, borrowers, inserted, updated, deleted FROM far.refreshes ORDER BY id;
SELECT drop_monitor('far');
CREATE VIEW undated AS SELECT borrower, bank AS institution, day AS granted_on, number AS ref, 'loan' AS instrument, amount FROM loans;
SELECT create_monitor('far', 'undated');
SELECT refresh('far', since => '2024-07-01');
-- behind one monitor a table that cannot be tracked
SELECT track('far', 'households', 'borrower');
SET client_min_messages = notice;
\set VERBOSITY default
SELECT refresh('far');
\set VERBOSITY terse
SET client_min_messages = warning;
SELECT drop_monitor('far');

-- ---------------------------------------------------------------------
-- Codes that are not understood: unknown, and told
-- ---------------------------------------------------------------------
TRUNCATE loans, households;
CREATE VIEW coded AS
SELECT borrower, bank AS institution, day AS granted_on, number AS ref, bank AS instrument, amount, 'none'::text AS security FROM loans;
SELECT create_monitor('codes', 'coded', 'households'), track('codes', 'loans', 'borrower'), track('codes', 'households', 'borrower');
INSERT INTO loans VALUES ('A', 'lend', '2024-03-01', 'L1', 10), ('B', 'loan', '2024-03-01', 'L2', 10), ('C', ' 贷款 ', '2024-03-01', 'L3', 10),
	('D', '--', '2024-03-01', 'L4', 10), ('E', 'LOAN', '2024-03-01', 'L5', 10), ('F', 'loan', '2024-03-01', 'L6', 10);
INSERT INTO households (borrower, kind, scale, ownership, industry, persons, revenue, assets) VALUES
	('A', NULL, 'micro', NULL, '51', 5, 5, 5), ('B', 'company', 'tiny', 'Private', '9', NULL, NULL, NULL),
	('C', ' enterprise ', 'CS05', '--', '', NULL, NULL, NULL), ('D', '', '', '', '51', -5, 'NaN', -0.5),
	('E', 'enterprise', NULL, 'state', 'C51', 5, 5, 5), ('F', 'enterprise', NULL, ' state ', 'F51', 100, 100, NULL);
\set VERBOSITY default
SELECT refresh('codes');
\set VERBOSITY terse
SELECT borrower, class, kind, scale, ownership, industry, eligible, unread FROM codes.register ORDER BY 1;
UPDATE households SET industry = 'F51' WHERE borrower = 'E';
SELECT refresh('codes');
SELECT borrower, class, kind, scale, ownership, industry, eligible, unread FROM codes.register WHERE borrower = 'E';
SELECT refresh('codes', "full" => true);
-- every code of an industry is understood here as it is by enterprise_scale
CREATE FUNCTION refused(code text) RETURNS boolean LANGUAGE plpgsql AS $$BEGIN
	PERFORM enterprise_scale(code, 5, 5, 5);
	RETURN false;
EXCEPTION WHEN invalid_parameter_value THEN RETURN true;
END$$;
SELECT count(*), count(*) FILTER (WHERE refused(code) <> (monitor_unread(NULL, NULL, NULL, NULL, code) IS NOT NULL)) AS otherwise
FROM (SELECT letter || digits AS code FROM unnest(ARRAY['', 'A', 'c', 'F', 'T', 'U', 'Z', '1', '-', ' ']) letter,
	(SELECT '' UNION ALL SELECT n::text FROM generate_series(0, 120) n UNION ALL SELECT lpad(n::text, 4, '0') FROM generate_series(0, 9999, 7) n) d(digits)) c;
-- an error of a source stops the refresh and leaves everything as it was
CREATE OR REPLACE VIEW coded AS
SELECT borrower, bank AS institution, day AS granted_on, number AS ref, 'loan' AS instrument, 1 / amount AS amount, 'none'::text AS security FROM loans;
UPDATE loans SET amount = 0 WHERE borrower = 'A';
DELETE FROM loans WHERE borrower = 'B';
CREATE TABLE before AS TABLE codes.register;
SELECT refresh('codes');
SELECT refresh('codes', "full" => true);
SELECT count(*) FROM ((TABLE before EXCEPT ALL TABLE codes.register) UNION ALL (TABLE codes.register EXCEPT ALL TABLE before)) x;
SELECT borrower FROM codes.changes ORDER BY 1;
UPDATE loans SET amount = 1 WHERE borrower = 'A';
UPDATE households SET kind = NULL, scale = 'micro', ownership = NULL, industry = NULL, persons = NULL, revenue = NULL, assets = NULL;
SELECT refresh('codes');
SELECT string_agg(borrower, '' ORDER BY borrower), count(unread) FROM codes.register;
SELECT drop_monitor('codes');

-- ---------------------------------------------------------------------
-- Hostile names
-- ---------------------------------------------------------------------
CREATE SCHEMA "sch'e""ma; --";
CREATE TABLE "sch'e""ma; --"."lo""an's; $f$ %s" ("bor""row'er" text, id text, bank text, day date, loaded timestamptz);
CREATE TABLE "sch'e""ma; --"."al'ias""" (identifier text, borrower text);
CREATE VIEW "sch'e""ma; --"."vi""ew's %I $q$" AS
SELECT coalesce(a.borrower, "bor""row'er") AS borrower, bank AS institution, day AS granted_on, id AS ref, 'loan' AS instrument, 1::numeric AS amount,
	loaded AS loaded_at, 'F51'::text AS industry, 'micro'::text AS scale
FROM "sch'e""ma; --"."lo""an's; $f$ %s" LEFT JOIN "sch'e""ma; --"."al'ias""" a ON a.identifier = "bor""row'er";
CREATE VIEW "sch'e""ma; --"."tax""payers'" AS SELECT 'T'::text AS borrower, true AS operating;
CREATE VIEW "sch'e""ma; --"."ba""nks'" AS SELECT 'K1'::text AS institution, 'Bank'::text AS name;
CREATE VIEW "sch'e""ma; --"."re""ports'" AS SELECT 'A'::text AS borrower, '{"report_date": "2024-03-01"}'::first_loan.credit_report AS report;
\set name '"we""ird; x''s $f$ %s $q$ %1$I'
SELECT create_monitor(:'name', '"sch''e""ma; --"."vi""ew''s %I $q$"', '"sch''e""ma; --"."vi""ew''s %I $q$"', '"sch''e""ma; --"."re""ports''"',
	'"sch''e""ma; --"."ba""nks''"', '"sch''e""ma; --"."tax""payers''"', target => 10, period => stat_period('2024'));
SELECT track(:'name', '"sch''e""ma; --"."lo""an''s; $f$ %s"', 'bor"row''er', '"sch''e""ma; --"."al''ias"""'), track(:'name', '"sch''e""ma; --"."al''ias"""', 'borrower'),
	track(:'name', '"sch''e""ma; --"."al''ias"""', 'identifier');
SELECT * FROM untracked(:'name');
INSERT INTO "sch'e""ma; --"."lo""an's; $f$ %s" VALUES ('A', 'L1', 'K1', '2024-03-01', '2024-04-01'), ('b''"; --', 'L''"2', 'K''"; $q$', '2024-03-02', '2024-04-01');
SELECT refresh(:'name');
INSERT INTO "sch'e""ma; --"."al'ias""" VALUES ('b''"; --', 'B');
UPDATE "sch'e""ma; --"."lo""an's; $f$ %s" SET day = day - 1;
SELECT refresh(:'name'), refresh(:'name', since => '2024-01-01'), refresh(:'name', "full" => true);
SELECT borrower, granted_on, institution, ref, verdict FROM :"name".register ORDER BY 1;
SELECT dimension, value, households, unverified FROM bulletin(:'name', '2024') WHERE dimension IN ('total', 'institution') ORDER BY 1 DESC, 2;
ALTER TABLE "sch'e""ma; --"."lo""an's; $f$ %s" DISABLE TRIGGER USER;
SELECT refresh(:'name');
SELECT untrack(:'name', '"sch''e""ma; --"."lo""an''s; $f$ %s"');
SELECT drop_monitor(:'name');
SELECT count(*) FROM pg_trigger WHERE tgfoid = 'note_changes'::regproc AND tgrelid IN (SELECT oid FROM pg_class WHERE relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = 'sch''e"ma; --'));

-- ---------------------------------------------------------------------
-- Who may note: writers need no rights, owners of tables that are tracked do
-- ---------------------------------------------------------------------
CREATE ROLE regress_monitor_plan;
CREATE ROLE regress_monitor_source;
CREATE ROLE regress_monitor_writer;
CREATE SCHEMA work;
GRANT CREATE, USAGE ON SCHEMA work TO regress_monitor_source, regress_monitor_writer, regress_monitor_plan;
DO $$BEGIN EXECUTE format('GRANT CREATE ON DATABASE %I TO regress_monitor_plan', current_database()); END$$;
SET ROLE regress_monitor_source;
CREATE TABLE work.loans (borrower text, bank text, day date, number text, amount numeric);
CREATE VIEW work.borrowings AS SELECT borrower, bank AS institution, day AS granted_on, number AS ref, 'loan' AS instrument, amount FROM work.loans;
GRANT SELECT, TRIGGER ON work.loans, work.borrowings TO regress_monitor_plan;
GRANT SELECT, INSERT, DELETE, UPDATE, TRUNCATE ON work.loans TO regress_monitor_writer;
SET ROLE regress_monitor_plan;
SELECT create_monitor('regress_plan', 'work.borrowings'), track('regress_plan', 'work.loans', 'borrower');
SET ROLE regress_monitor_writer;
INSERT INTO work.loans VALUES ('A', 'K1', '2024-03-01', 'L1', 10);
UPDATE work.loans SET day = '2024-04-01';
TABLE regress_plan.changes;
INSERT INTO regress_plan.changes VALUES ('X');
-- a trigger of his own notes nothing in anybody's monitor, nor in any table of that name
CREATE TABLE work.own (x text);
CREATE TRIGGER t AFTER INSERT ON work.own REFERENCING NEW TABLE AS n FOR EACH STATEMENT EXECUTE FUNCTION first_loan.note_changes('regress_plan', 'x', 'a.b');
\set VERBOSITY default
INSERT INTO work.own VALUES ('all of it');
\set VERBOSITY terse
RESET ROLE;
CREATE SCHEMA victim;
CREATE TABLE victim.changes (borrower text, via text);
SET ROLE regress_monitor_writer;
DROP TRIGGER t ON work.own;
CREATE TRIGGER t AFTER INSERT ON work.own FOR EACH STATEMENT EXECUTE FUNCTION first_loan.note_changes('victim');
INSERT INTO work.own VALUES ('all of it');
-- nor does the notes' owner act with the writer's rights
SET ROLE regress_monitor_plan;
CREATE FUNCTION work.grab() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN RAISE WARNING 'noted by %', current_user; RETURN NULL; END$$;
CREATE TRIGGER grab AFTER INSERT ON regress_plan.changes FOR EACH STATEMENT EXECUTE FUNCTION work.grab();
SET ROLE regress_monitor_writer;
DELETE FROM work.loans;
SELECT current_user;
SET ROLE regress_monitor_plan;
DROP TRIGGER grab ON regress_plan.changes;
SELECT borrower, count(*) FROM regress_plan.changes GROUP BY 1 ORDER BY 1;
SELECT refresh('regress_plan');
-- a new owner, who may not yet
RESET ROLE;
ALTER TABLE work.loans OWNER TO regress_monitor_writer;
SET ROLE regress_monitor_writer;
GRANT SELECT, TRIGGER ON work.loans TO regress_monitor_plan;
INSERT INTO work.loans VALUES ('A', 'K1', '2024-03-01', 'L1', 10);
SET ROLE regress_monitor_plan;
SELECT track('regress_plan', 'work.loans', 'borrower');
SET ROLE regress_monitor_writer;
INSERT INTO work.loans VALUES ('A', 'K1', '2024-03-01', 'L1', 10);
-- the right goes with the last table
RESET ROLE;
SELECT has_table_privilege('regress_monitor_writer', 'regress_plan.changes', 'INSERT');
SELECT untrack('regress_plan', 'work.loans');
SELECT has_table_privilege('regress_monitor_writer', 'regress_plan.changes', 'INSERT');
SELECT drop_monitor('regress_plan');
DROP SCHEMA work CASCADE;
DO $$BEGIN EXECUTE format('REVOKE CREATE ON DATABASE %I FROM regress_monitor_plan', current_database()); END$$;
DROP ROLE regress_monitor_plan;
DROP ROLE regress_monitor_source;
DROP ROLE regress_monitor_writer;

-- ---------------------------------------------------------------------
-- Removal
-- ---------------------------------------------------------------------
SELECT count(*) FROM pg_trigger WHERE tgrelid = 'loans'::regclass;
SELECT drop_monitor('m');
SELECT count(*) FROM pg_trigger WHERE tgrelid = 'loans'::regclass;
INSERT INTO loans VALUES ('A', 'K1', '2024-03-01', 'L1', 10);
