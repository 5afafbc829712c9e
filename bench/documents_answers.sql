-- bench/documents_answers.sql: the answers about the documents of documents.sql, beside their planted truth
--
-- In the session of documents.sql.  One row for each wrong answer, so none if all are right.

CREATE TEMP TABLE report AS
SELECT n, form, report FROM documents, LATERAL (VALUES
	('json', json::first_loan.credit_report), ('arrays', arrays::first_loan.credit_report), ('xml', xml::first_loan.credit_report)) r(form, report);

-- the days around those that matter, and reports as old as the lag allows
CREATE TEMP TABLE question AS
SELECT n, as_of + d AS as_of, 0 AS lag FROM truth, LATERAL (VALUES (reported_on), (first_on), (farmer_on)) v(as_of), generate_series(-1, 1) d WHERE as_of IS NOT NULL
UNION
SELECT n, reported_on + d, 15 FROM truth, generate_series(14, 16) d;

CREATE TEMP TABLE wrong AS
SELECT n, form, 'never_borrowed' AS what, first_loan.never_borrowed(report)::text AS answer, pg_temp.never(t)::text AS truth
FROM report JOIN truth t USING (n) WHERE first_loan.never_borrowed(report) IS DISTINCT FROM pg_temp.never(t)
UNION ALL
SELECT n, form, 'never_borrowed as of ' || as_of || ', lag ' || lag, first_loan.never_borrowed(report, as_of, lag)::text, pg_temp.never(t, as_of, lag)::text
FROM report JOIN truth t USING (n) JOIN question USING (n)
WHERE first_loan.never_borrowed(report, as_of, lag) IS DISTINCT FROM pg_temp.never(t, as_of, lag)
UNION ALL
SELECT n, form, 'first_borrowed_on', first_loan.first_borrowed_on(report)::text, first_on::text
FROM report JOIN truth t USING (n) WHERE first_loan.first_borrowed_on(report) IS DISTINCT FROM first_on
UNION ALL
SELECT n, form, 'accounts that count', c::text, n_counted::text
FROM report JOIN truth t USING (n), LATERAL (SELECT count(*) FILTER (WHERE counts) AS c FROM first_loan.accounts(report) OFFSET 0) a
WHERE c <> n_counted
UNION ALL
SELECT n, '', 'the forms differ', min(report::text), max(report::text) FROM report GROUP BY n HAVING count(DISTINCT report) > 1;
SELECT format('document %s, %s, %s: %s instead of %s', n, form, what, answer, truth) FROM wrong ORDER BY n, form LIMIT 20;
SELECT format('%s documents in 3 forms, %s accounts, %s dates asked about: %s wrong answers',
	(SELECT count(*) FROM truth), (SELECT sum(n_counted + n_others) FROM truth), (SELECT count(*) FROM question), (SELECT count(*) FROM wrong));
DO $$
BEGIN
	IF EXISTS (SELECT FROM wrong) THEN
		RAISE 'answers are wrong';
	END IF;
	-- else the truth is not put to the test
	IF (SELECT count(DISTINCT coalesce(pg_temp.never(t)::text, '')) FROM truth t) < 3 THEN
		RAISE 'not every answer occurs';
	END IF;
END
$$;
