-- The table "typed" of values, and the view "kept" of what test/upgrade/values-*.tsv
-- says of each: its text, the bytes of its row, and what is read from it.
CREATE TABLE typed (what text PRIMARY KEY, s first_loan_set, r credit_report, u uscc, l loan_security,
	c loan_class, e enterprise_scale, o ownership, k borrower_kind);

-- bytea, aligned as a set is
CREATE TYPE set_bytes;
CREATE FUNCTION set_bytes_in(cstring) RETURNS set_bytes LANGUAGE internal IMMUTABLE STRICT AS 'byteain';
CREATE FUNCTION set_bytes_out(set_bytes) RETURNS cstring LANGUAGE internal IMMUTABLE STRICT AS 'byteaout';
CREATE TYPE set_bytes (INPUT = set_bytes_in, OUTPUT = set_bytes_out, ALIGNMENT = double, STORAGE = extended);
CREATE CAST (first_loan_set AS set_bytes) WITHOUT FUNCTION;
CREATE CAST (set_bytes AS first_loan_set) WITHOUT FUNCTION;
CREATE CAST (credit_report AS bytea) WITHOUT FUNCTION;
CREATE CAST (bytea AS credit_report) WITHOUT FUNCTION;
CREATE CAST (loan_security AS smallint) WITHOUT FUNCTION;
CREATE CAST (smallint AS loan_security) WITHOUT FUNCTION;
-- the type timetz has 12 bytes too; sent, they come as a word of 8 and one of 4
CREATE FUNCTION bytes_of(uscc) RETURNS bytea LANGUAGE internal IMMUTABLE STRICT AS 'timetz_send';

CREATE FUNCTION answers(s first_loan_set) RETURNS text LANGUAGE sql STABLE STRICT AS $$
	SELECT jsonb_build_array(cardinality(s), md5(borrowers(s)::text), md5(refs(s)::text), refs(s, '[2024-01-03,2024-01-07)'),
		CASE WHEN s::text LIKE '{%"institution": %"members": [%' THEN first_loan_count(s) END,
		CASE WHEN s::text LIKE '{%"institution": %"members": [%' THEN first_loan_count(s, '[2024-01-03,2024-01-07)') END,
		(SELECT md5(jsonb_agg(m)::text) FROM members(s) m))::text
$$;
CREATE FUNCTION answers(r credit_report) RETURNS text LANGUAGE sql STABLE STRICT AS $$
	SELECT jsonb_build_array(report_date(r), is_disputed(r), first_borrowed_on(r), never_borrowed(r), never_borrowed(r, '2024-05-31'),
		never_borrowed(r, '2024-03-15'), never_borrowed(r, '2020-01-05'), never_borrowed(r, '2024-06-30', 30),
		never_borrowed(r, '2024-05-31', 0, false, false, false, true, true), (SELECT jsonb_agg(a) FROM accounts(r) a))::text
$$;

CREATE VIEW kept AS
SELECT what, s::text, s::set_bytes AS s_bytes, answers(s) AS s_answers, r::text, r::bytea AS r_bytes, answers(r) AS r_answers,
	u::text, bytes_of(u) AS u_bytes, l::text, l::smallint AS l_bytes,
	c::text, e::text, o::text, k::text
FROM typed;
