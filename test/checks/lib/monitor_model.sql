-- A small warehouse with a monitor "watch", for the checks that change it at
-- random: files with raw identifiers in partitions, a crosswalk, joint
-- borrowers, guarantee contracts by loan number.  model.batch(n) makes one
-- change; model.register is what the register must be, in plain SQL.

CREATE EXTENSION first_loan;
CREATE SCHEMA model;
SET search_path = model;

CREATE TABLE flow (id bigserial, borrower_id text, bank text NOT NULL, day date, number text, amount numeric,
	security_code text, scale text, credit_line numeric) PARTITION BY LIST (bank);
CREATE TABLE flow_north PARTITION OF flow FOR VALUES IN ('K0', 'K1', 'K2');
CREATE TABLE flow_south PARTITION OF flow DEFAULT PARTITION BY LIST (bank);
CREATE TABLE flow_south_1 PARTITION OF flow_south DEFAULT;
CREATE INDEX ON flow (borrower_id);
CREATE INDEX ON flow (number);
CREATE TABLE joint (number text, borrower_id text);
CREATE TABLE crosswalk (identifier text PRIMARY KEY, household text);
CREATE INDEX ON crosswalk (household);
CREATE TABLE guarantee (number text, code text);
CREATE INDEX ON guarantee (number);
CREATE TABLE enterprise (uscc text PRIMARY KEY, scale text, ownership text);
CREATE TABLE report (id bigserial, borrower_id text, document text);

CREATE VIEW alias AS SELECT identifier, household AS borrower FROM crosswalk;
CREATE VIEW sent AS
SELECT borrower_id, bank, day, number, amount, security_code, scale, credit_line FROM flow
UNION ALL
SELECT j.borrower_id, f.bank, f.day, f.number, f.amount, f.security_code, f.scale, f.credit_line FROM flow f JOIN joint j USING (number);
CREATE VIEW borrowings AS
SELECT coalesce(c.household, upper(btrim(s.borrower_id))) AS borrower, s.bank AS institution, s.day AS granted_on, s.number AS ref,
	CASE WHEN s.security_code = '' THEN 'discount' ELSE 'loan' END AS instrument, s.amount,
	first_loan.loan_security(s.security_code, 'pboc_basic') OPERATOR(first_loan.|) coalesce((
		SELECT first_loan.combine(first_loan.loan_security(g.code, 'pboc_basic')) FROM guarantee g WHERE g.number = s.number), 'none') AS security,
	s.scale, s.credit_line
FROM sent s LEFT JOIN crosswalk c ON c.identifier = upper(btrim(s.borrower_id));
CREATE VIEW loan_borrowers AS
SELECT s.number AS identifier, coalesce(c.household, upper(btrim(s.borrower_id))) AS borrower
FROM sent s LEFT JOIN crosswalk c ON c.identifier = upper(btrim(s.borrower_id));
CREATE VIEW joint_borrowers AS
SELECT j.number AS identifier, coalesce(c.household, upper(btrim(j.borrower_id))) AS borrower
FROM joint j LEFT JOIN crosswalk c ON c.identifier = upper(btrim(j.borrower_id));
CREATE VIEW households AS SELECT uscc AS borrower, scale, ownership FROM enterprise;
CREATE VIEW reports AS
SELECT coalesce(c.household, upper(btrim(r.borrower_id))) AS borrower, r.document::first_loan.credit_report AS report
FROM report r LEFT JOIN crosswalk c ON c.identifier = upper(btrim(r.borrower_id));

SELECT first_loan.create_monitor('watch', 'borrowings', 'households', 'reports', target => 40000,
	period => first_loan.stat_period('2024-2026'));
SELECT first_loan.track('watch', 'flow', 'borrower_id', 'alias');
SELECT first_loan.track('watch', 'flow', 'number', 'joint_borrowers');
SELECT first_loan.track('watch', 'joint', 'borrower_id', 'alias');
SELECT first_loan.track('watch', 'guarantee', 'number', 'loan_borrowers');
SELECT first_loan.track('watch', 'crosswalk', 'identifier');
SELECT first_loan.track('watch', 'crosswalk', 'household');
SELECT first_loan.track('watch', 'enterprise', 'uscc');
SELECT first_loan.track('watch', 'report', 'borrower_id', 'alias');

-- Tables of this size are joined; others are looked up, so many borrowers at a
-- time.  Here both, by chance, and few at a time.
CREATE OR REPLACE FUNCTION first_loan.monitor_batch(monitor text)
	RETURNS integer LANGUAGE sql
	AS $$SELECT CASE WHEN random() < 0.7 THEN (random() * 10)::integer + 1 END$$;

-- What the register must be.
CREATE VIEW register AS
WITH ranked AS (
	SELECT *, row_number() OVER (PARTITION BY borrower ORDER BY granted_on, ref COLLATE "C", institution COLLATE "C", instrument COLLATE "C",
			amount, security::text COLLATE "C", credit_line, scale COLLATE "C") AS place,
		min(granted_on) OVER (PARTITION BY borrower) AS day
	FROM borrowings WHERE borrower IS NOT NULL AND granted_on > '-infinity' AND granted_on < 'infinity'
), banks AS (
	SELECT borrower, count(DISTINCT institution) AS banks FROM ranked WHERE granted_on = day GROUP BY borrower
), told AS (
	SELECT borrower, bool_or(first_loan.never_borrowed(report, granted_on)) AS never, bool_or(NOT first_loan.never_borrowed(report, granted_on)) AS before
	FROM ranked JOIN reports USING (borrower) WHERE place = 1 GROUP BY borrower
), known AS (
	SELECT f.*, coalesce(f.scale, h.scale) AS known_scale, h.ownership, banks,
		CASE WHEN t.before THEN 'refuted' WHEN t.never THEN 'confirmed' ELSE 'unverified' END AS verdict,
		(SELECT amount FROM watch.ceiling c WHERE c.effective_from <= f.granted_on ORDER BY c.effective_from DESC LIMIT 1) AS ceiling
	FROM ranked f JOIN banks USING (borrower) LEFT JOIN households h USING (borrower) LEFT JOIN told t USING (borrower)
	WHERE place = 1
)
SELECT borrower, granted_on, institution, ref, instrument, amount,
	CASE WHEN instrument = 'discount' THEN 'discount' WHEN security::text = 'none' THEN 'pure_credit'
		WHEN security::text = 'unknown' THEN 'unclassified' ELSE 'secured' END AS class,
	security::text, credit_line, known_scale AS scale, ownership,
	-- nothing says that a borrower is no person in business, so none is surely out
	CASE WHEN ownership = 'private' OR known_scale IN ('small', 'micro') THEN true END AS eligible,
	CASE WHEN credit_line >= ceiling THEN false WHEN credit_line < ceiling AND known_scale IN ('small', 'micro') THEN true END AS inclusive,
	verdict, banks::integer AS tied_institutions
FROM known;

-- Rows that the register has wrong, missing or too many; none is right.
CREATE VIEW wrong AS
WITH kept AS (
	SELECT borrower, granted_on, institution, ref, instrument, amount, class, security, credit_line, scale, ownership,
		eligible, inclusive, verdict, tied_institutions FROM watch.register
)
SELECT 'has' AS register, x.* FROM (TABLE kept EXCEPT ALL TABLE register) x
UNION ALL
SELECT 'lacks', x.* FROM (TABLE register EXCEPT ALL TABLE kept) x;

---------------------------------------------------------------------------
-- One change at random
---------------------------------------------------------------------------

CREATE FUNCTION roll(sides int) RETURNS int LANGUAGE sql VOLATILE AS $$SELECT floor(random() * $1)::int$$;
CREATE FUNCTION some_id() RETURNS text LANGUAGE sql VOLATILE SET search_path = model AS $$
	SELECT CASE n WHEN 0 THEN NULL WHEN 1 THEN ' ' || lower(id) || ' ' WHEN 2 THEN id || ' ' ELSE id END
	FROM (SELECT roll(20) AS n, 'B' || roll(300) AS id OFFSET 0) x$$;
CREATE FUNCTION some_day() RETURNS date LANGUAGE sql VOLATILE SET search_path = model AS $$
	SELECT CASE roll(30) WHEN 0 THEN NULL WHEN 1 THEN 'infinity' WHEN 2 THEN '-infinity' ELSE date '2024-01-01' + roll(40) * 20 END$$;
CREATE FUNCTION some_of(VARIADIC text[]) RETURNS text LANGUAGE sql VOLATILE SET search_path = model AS $$
	SELECT $1[1 + roll(array_length($1, 1))]$$;

-- A snapshot does not protect from TRUNCATE: rows that it saw are gone.
CREATE TABLE truncated AS SELECT 0 AS times;

CREATE FUNCTION batch() RETURNS text LANGUAGE plpgsql VOLATILE SET search_path = model AS $$
DECLARE
	what int := roll(26);
	many int := 1 + roll(CASE roll(10) WHEN 0 THEN 60 ELSE 4 END);
BEGIN
	CASE
	WHEN what < 5 THEN
		INSERT INTO flow (borrower_id, bank, day, number, amount, security_code, scale, credit_line)
		SELECT some_id(), 'K' || roll(6), some_day(), CASE WHEN roll(10) > 0 THEN 'L' || roll(600) END, roll(1000),
			some_of('A', 'B01', 'C', 'D', 'Z', 'E', '', NULL), some_of(NULL, 'small', 'medium', 'large'), roll(3) * 5000000
		FROM generate_series(1, many);
	WHEN what = 5 THEN		-- into a partition, past its parent
		INSERT INTO flow_north (borrower_id, bank, day, number, amount) SELECT some_id(), 'K' || roll(3), some_day(), 'L' || roll(600), roll(9)
		FROM generate_series(1, many);
		UPDATE flow_south_1 SET day = day - 200 WHERE id IN (SELECT id FROM flow_south_1 WHERE isfinite(day) ORDER BY random() LIMIT 1 FOR UPDATE SKIP LOCKED);
		DELETE FROM flow_south WHERE id IN (SELECT id FROM flow_south ORDER BY random() LIMIT 2 FOR UPDATE SKIP LOCKED);
	WHEN what < 9 THEN
		DELETE FROM flow WHERE id IN (SELECT id FROM flow ORDER BY random() LIMIT many FOR UPDATE SKIP LOCKED);
	WHEN what = 9 THEN		-- first borrowings
		DELETE FROM flow WHERE id IN (SELECT f.id FROM flow f JOIN watch.register r ON r.ref = f.number AND r.granted_on = f.day
			ORDER BY random() LIMIT many FOR UPDATE OF f SKIP LOCKED);
	WHEN what = 10 THEN
		UPDATE flow SET day = some_day() WHERE id IN (SELECT id FROM flow ORDER BY random() LIMIT many FOR UPDATE SKIP LOCKED);
	WHEN what = 11 THEN
		UPDATE flow SET borrower_id = some_id(), bank = 'K' || roll(6) WHERE id IN (SELECT id FROM flow ORDER BY random() LIMIT many FOR UPDATE SKIP LOCKED);
	WHEN what = 12 THEN
		UPDATE flow SET number = 'L' || roll(600), amount = amount + 1, security_code = some_of('A', 'D', 'Z', '')
		WHERE id IN (SELECT id FROM flow ORDER BY random() LIMIT many FOR UPDATE SKIP LOCKED);
	WHEN what = 13 THEN		-- two in one statement, undone, and again
		BEGIN
			WITH d AS (DELETE FROM flow WHERE id IN (SELECT id FROM flow ORDER BY random() LIMIT 1 FOR UPDATE SKIP LOCKED) RETURNING *)
			INSERT INTO flow (borrower_id, bank, day, number, amount) SELECT some_id(), bank, day, number, amount FROM d;
			IF roll(2) = 0 THEN RAISE EXCEPTION 'undo' USING ERRCODE = 'raise_exception'; END IF;
		EXCEPTION WHEN raise_exception THEN NULL;
		END;
	WHEN what = 14 THEN
		INSERT INTO joint SELECT 'L' || roll(600), some_id() FROM generate_series(1, many);
	WHEN what = 15 THEN
		DELETE FROM joint WHERE ctid IN (SELECT ctid FROM joint ORDER BY random() LIMIT many FOR UPDATE SKIP LOCKED);
	WHEN what < 18 THEN
		INSERT INTO crosswalk VALUES ('B' || roll(300), 'H' || roll(80)) ON CONFLICT (identifier) DO UPDATE SET household = excluded.household;
	WHEN what = 18 THEN
		DELETE FROM crosswalk WHERE identifier IN (SELECT identifier FROM crosswalk ORDER BY random() LIMIT 1 FOR UPDATE SKIP LOCKED);
	WHEN what = 19 THEN
		UPDATE crosswalk SET household = CASE roll(2) WHEN 0 THEN 'B' || roll(300) ELSE 'H' || roll(80) END
		WHERE identifier IN (SELECT identifier FROM crosswalk ORDER BY random() LIMIT 2 FOR UPDATE SKIP LOCKED);
	WHEN what = 20 THEN
		INSERT INTO guarantee SELECT 'L' || roll(600), some_of('A', 'B', 'C', 'D') FROM generate_series(1, many);
		DELETE FROM guarantee WHERE ctid IN (SELECT ctid FROM guarantee ORDER BY random() LIMIT many FOR UPDATE SKIP LOCKED);
	WHEN what = 21 THEN
		INSERT INTO enterprise VALUES (some_of('B', 'H') || roll(100), some_of('small', 'micro', 'medium', 'large', NULL), some_of('private', 'state', NULL))
		ON CONFLICT (uscc) DO UPDATE SET scale = excluded.scale, ownership = excluded.ownership;
	WHEN what = 22 THEN
		DELETE FROM enterprise WHERE uscc IN (SELECT uscc FROM enterprise ORDER BY random() LIMIT 1 FOR UPDATE SKIP LOCKED);
	WHEN what = 23 THEN
		INSERT INTO report (borrower_id, document) SELECT some_id(), format('{"report_date": "%s", "accounts": [%s]}', date '2024-01-01' + roll(900),
			CASE WHEN roll(2) = 0 THEN format('{"business": "11", "opened_on": "%s"}', date '2024-01-01' + roll(900)) END)
		FROM generate_series(1, many);
	WHEN what = 24 THEN
		UPDATE report SET borrower_id = some_id() WHERE id IN (SELECT id FROM report ORDER BY random() LIMIT 1 FOR UPDATE SKIP LOCKED);
		DELETE FROM report WHERE id IN (SELECT id FROM report ORDER BY random() LIMIT 1 FOR UPDATE SKIP LOCKED);
	ELSE
		CASE roll(100)
		WHEN 0 THEN TRUNCATE guarantee; UPDATE truncated SET times = times + 1;
		WHEN 1 THEN TRUNCATE report; UPDATE truncated SET times = times + 1;
		WHEN 2 THEN TRUNCATE flow_south; UPDATE truncated SET times = times + 1;
		WHEN 3 THEN INSERT INTO watch.ceiling VALUES (date '2024-06-01' + roll(3) * 100, 6000000 + roll(2) * 6000000, false)
			ON CONFLICT (effective_from) DO UPDATE SET amount = excluded.amount;
		ELSE UPDATE flow SET amount = amount WHERE bank = 'K1';		-- nothing
		END CASE;
	END CASE;
	IF roll(3) = 0 THEN
		PERFORM batch();		-- more in the same transaction
	END IF;
	RETURN what;
EXCEPTION WHEN deadlock_detected OR unique_violation OR serialization_failure THEN
	RETURN 'none';
END $$;

-- One change, a refresh, and the comparison
CREATE FUNCTION step() RETURNS void LANGUAGE plpgsql VOLATILE SET search_path = model AS $$
DECLARE
	what text := batch();
	detail text;
BEGIN
	PERFORM first_loan.refresh('watch');
	SELECT string_agg(w::text, E'\n') INTO detail FROM wrong w;
	IF detail IS NOT NULL THEN
		RAISE EXCEPTION 'the register is wrong after change %', what USING DETAIL = detail;
	END IF;
END $$;
