-- Values of every stored form, made once with a release's own library, to be
-- read by all later ones.  In an empty database:
--
--	psql -f test/upgrade/make-values.sql -v version=0.1.0 -v dir=test/upgrade
--
-- values-VERSION.tsv has of each value its text form, the bytes of its row and
-- what the release read from it; values-VERSION.copy is a binary COPY.
\set ON_ERROR_STOP on
SET client_min_messages = warning;
SET TimeZone = 'UTC';
CREATE EXTENSION first_loan VERSION :'version';
SET search_path = public, first_loan;
\ir values.sql

-- Rows whose borrowers come back, with ties, and NULL refs, institutions and flags.
CREATE TABLE rows AS
SELECT i, i * 37 % 23 AS b, date '2024-01-01' + i * 11 % 13 AS d, i * 29 % 97 AS n,
	CASE WHEN i % 7 > 0 THEN '银行 ' || i % 5 END AS bank, CASE WHEN i % 6 > 0 THEN i % 2 = 0 END AS ok
FROM generate_series(1, 90) i;

INSERT INTO typed (what, s)
SELECT 'code', first_loan_set('91350500MA' || lpad(b::text, 8, '0'), d, n) FROM rows UNION ALL
SELECT 'uscc', first_loan_set(('91350500MA' || lpad(b::text, 8, '0'))::uscc, d, n::bigint) FROM rows UNION ALL
SELECT 'short text', first_loan_set('户 ' || b, d, '借据 "' || n || '"') FROM rows UNION ALL
SELECT 'long text', first_loan_set(repeat('泉州市第' || b, 9), d, repeat('\', n)) FROM rows UNION ALL
SELECT 'text of every length', first_loan_set(left('0123456789abcdefghijklmnopq', b), d, n) FROM rows UNION ALL
SELECT 'collation', first_loan_set('户 ' || b, d, ('r' || n) COLLATE "POSIX") FROM rows UNION ALL
SELECT 'integer', first_loan_set(b, d, n::smallint) FROM rows UNION ALL
SELECT 'bigint, negative', first_loan_set(b::bigint * -1000000000000, d, -n::bigint) FROM rows UNION ALL
SELECT 'uuid', first_loan_set(md5(b::text)::uuid, d, n::float8 / 3) FROM rows UNION ALL
SELECT 'numeric', first_loan_set(b::numeric / 7, d, n::numeric / 11) FROM rows UNION ALL
SELECT 'date', first_loan_set(d, d, d - n) FROM rows UNION ALL
SELECT 'jsonb', first_loan_set(jsonb_build_object('b', b), d, md5(n::text)::uuid) FROM rows UNION ALL
SELECT 'refs unknown', first_loan_set(b, d, CASE WHEN n % 3 > 0 THEN n END) FROM rows UNION ALL
SELECT 'text refs unknown', first_loan_set(b::text, d, CASE WHEN n % 3 > 0 THEN n::text END) FROM rows UNION ALL
SELECT 'institutions', first_loan_set(b, d, bank, n) FROM rows UNION ALL
SELECT 'institutions and flags', first_loan_set('91350500MA' || lpad(b::text, 8, '0'), d, bank, CASE WHEN n % 3 > 0 THEN n::text END, ok) FROM rows UNION ALL
SELECT 'institutions by number', first_loan_set(b, d, n % 4, n, ok) FROM rows UNION ALL
SELECT 'timestamp', first_loan_set(b, d + n * interval '1 h 1.000001 s', n) FROM rows UNION ALL
SELECT 'timestamptz', first_loan_set(b, (d + n * interval '1 h') AT TIME ZONE 'Asia/Shanghai', bank, n, ok) FROM rows UNION ALL
SELECT 'merged', merge(s) FROM (SELECT first_loan_set(b, d, n) AS s FROM rows GROUP BY i % 3) p UNION ALL
SELECT 'far dates', first_loan_set(x, x, 1) FROM unnest(ARRAY[date '4713-01-01 BC', '5874897-12-31', '2000-01-01', '1999-12-31']) x UNION ALL
SELECT 'one', first_loan_set(1, date '2024-01-01', 1) UNION ALL
SELECT 'empty', first_loan_set(1, date '2024-01-01', 1) WHERE false UNION ALL
SELECT 'empty, with types', first_loan_set(NULL::int, date '2024-01-01', 'bank'::text, 1) UNION ALL
SELECT 'many', first_loan_set(i, date '2024-01-01' + i % 9, i) FROM generate_series(1, 700) i;

INSERT INTO typed (what, r) VALUES
	('nothing on record', '{}'),
	('no loan', '{"report_date": "2024-05-31"}'),
	('one loan', '{"report_date": "2024-05-31", "accounts": [{"business": "11", "opened_on": "2024-03-15"}]}'),
	('of every kind', (SELECT jsonb_build_object('report_date', date '2024-05-31', 'accounts', jsonb_agg(jsonb_build_object(
		'business', b, 'class', c, 'opened_on', date '2020-01-01' + i::int, 'settled', i % 2 = 0, 'drawn', c <> 'R1' OR i % 3 > 0)))
		FROM unnest('{10,11,12,13,14,15,16,21,31,41,51,99}'::text[]) WITH ORDINALITY x(b, i), unnest('{D1,D2,R1,R2,R3,R4,C1,X9}'::text[]) c)::text::credit_report),
	('ids', '{"report_date": "2024-05-31", "accounts": [{"id": "A1", "business": "11"}, {"id": "账户 \"2\"", "business": "12", "class": "长"}, {"id": "A3"}]}'),
	('codes', '{"accounts": [{"business": "贷款"}, {"business": "1", "class": "D"}, {"business": "011", "class": "D11"}]}'),
	('summary', '{"report_date": "2024-05-31", "summary_borrowings": 3, "undated_discounts": 2, "guarantee_transactions": true}'),
	('great counts', '{"report_date": "2024-05-31", "summary_borrowings": 63, "undated_discounts": 4000, "institutions_ever": 70}'),
	('year', '{"report_date": "2024-05-31", "first_credit_year": 2015, "institutions_ever": 2}'),
	('far year', '{"report_date": "2617-09-22", "first_credit_year": 2617}'),
	('early year', '{"report_date": "1900-01-02", "first_credit_year": 1901}'),
	('disputed', '{"report_date": "2024-05-31", "disputed": true}'),
	('person', '{"report_date": "2024-05-31", "subject": "person", "accounts": [{"business": "41", "opened_on": "2023-01-01"}, {"business": "51"}, {"business": "71"}]}'),
	('many accounts', (SELECT credit_report_agg(date '2000-01-01' + i, (ARRAY['11', '21', '10'])[1 + i % 3], date '2024-05-31', 'D1', 'account ' || i)
		FROM generate_series(1, 300) i));

INSERT INTO typed (what, u)
SELECT u, u::uscc FROM unnest('{914403001922038216,9144030071526726XG,91330100799655058B,91350900587527783P,91350000151842711F,000000000000000000,YYYYYYYYYYYYYYYYYY}'::text[]) u;

INSERT INTO typed (what, l)
SELECT l, l::loan_security FROM unnest('{none,mortgage,pledge,guarantee,mortgage+pledge,mortgage+guarantee,pledge+guarantee,mortgage+pledge+guarantee,combined,mortgage+combined,unknown,mortgage+unknown,guarantee+combined+unknown}'::text[]) l;

INSERT INTO typed (what, c) SELECT c, c FROM unnest(enum_range(NULL::loan_class)) c;
INSERT INTO typed (what, e) SELECT e, e FROM unnest(enum_range(NULL::enterprise_scale)) e;
INSERT INTO typed (what, o) SELECT o, o FROM unnest(enum_range(NULL::ownership)) o;
INSERT INTO typed (what, k) SELECT 'kind ' || k, k FROM unnest(enum_range(NULL::borrower_kind)) k;

\set file :dir /values- :version .tsv
COPY (SELECT * FROM kept ORDER BY what COLLATE "C") TO STDOUT \g :file
\set file :dir /values- :version .copy
COPY (SELECT * FROM typed ORDER BY what COLLATE "C") TO STDOUT (FORMAT binary) \g :file
