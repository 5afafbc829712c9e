-- A small monitor "fl", tracked, with something in each of its tables but the notes
-- of changes: denominators, two versions of the cultivation list, a revision.
CREATE SCHEMA warehouse;
SET search_path = warehouse, first_loan, public;
CREATE TABLE loans (borrower text, bank text, day date, number text, amount numeric, rate numeric, code text, line numeric);
CREATE TABLE reports (borrower text, document text);
CREATE TABLE banks (code text, name text);
CREATE TABLE tax (id text, name text, state text, county text, bank text);
INSERT INTO loans SELECT 'H' || i * 7919 % 3000, 'B' || i * 31 % 13, date '2023-01-01' + (i::bigint * i % 1300)::int, 'R' || i,
	i * 100.5, CASE WHEN i % 5 > 0 THEN 3 + i % 7 / 10.0 END, (ARRAY['A', 'B', 'D', 'Z'])[1 + i % 4], i * 5000
FROM generate_series(1, 8000) i;
INSERT INTO reports SELECT 'H' || i, format('{"report_date": "%s"}', CASE WHEN i % 3 = 0 THEN '2022-01-01' ELSE '2026-10-01' END) FROM generate_series(1, 2900) i;
INSERT INTO banks SELECT 'B' || i, 'Bank ' || i FROM generate_series(1, 13) i;
INSERT INTO tax SELECT 'H' || i, 'Taxpayer ' || i, CASE WHEN i % 9 > 0 THEN 'normal' END, '35058' || i % 3, 'B' || i % 13 FROM generate_series(1, 4000) i;
CREATE VIEW borrowings AS SELECT borrower, bank AS institution, day AS granted_on, number AS ref, 'loan' AS instrument, amount, rate,
	loan_security(code, 'pboc_basic') AS security, line AS credit_line, '350582' AS area, 'C13' AS industry, 'enterprise' AS kind, 'small' AS scale FROM loans;
CREATE VIEW credit_reports AS SELECT borrower, document::credit_report AS report FROM reports;
CREATE VIEW institutions AS SELECT code AS institution, name FROM banks;
CREATE VIEW taxpayers AS SELECT id AS borrower, state = 'normal' AS operating, name, county AS area, bank AS basic_account_institution FROM tax;
SELECT create_monitor('fl', 'borrowings', NULL, 'credit_reports', 'institutions', 'taxpayers', 4000, stat_period('2024-2026'));
SELECT track('fl', 'loans', 'borrower'), track('fl', 'reports', 'borrower');
SELECT refresh('fl');
SELECT refresh_denominators('fl', '2025Q3');
SELECT refresh_cultivation_list('fl', '2025-12-31'), refresh_cultivation_list('fl', '2026-06-30');
SELECT publish('fl', '2025Q3'), publish('fl', '2025Q2');
DELETE FROM loans WHERE number ~ '7$';
INSERT INTO loans VALUES ('H11', 'B1', '2023-01-01', 'late', 5, 3, 'D', 5);
SELECT refresh('fl'), publish('fl', '2025Q3');
