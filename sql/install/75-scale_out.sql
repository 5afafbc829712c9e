-- Beyond one server and one value: sets of one borrowing, slices of borrowers

CREATE FUNCTION first_loan(borrower anyelement, granted_on date, ref anycompatible)
	RETURNS first_loan_set
	AS 'MODULE_PATHNAME', 'first_loan_of'
	LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION first_loan(anyelement, date, anycompatible) IS
	'the set of this one borrowing, for merge()';

CREATE FUNCTION first_loan(borrower anyelement, granted_on date, institution "any", ref anycompatible)
	RETURNS first_loan_set
	AS 'MODULE_PATHNAME', 'first_loan_institution_of'
	LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION first_loan(anyelement, date, "any", anycompatible) IS
	'the set of this one borrowing and its institution, for merge()';

CREATE FUNCTION first_loan(borrower anyelement, granted_on date, institution "any", ref anycompatible, eligible boolean)
	RETURNS first_loan_set
	AS 'MODULE_PATHNAME', 'first_loan_institution_of'
	LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION first_loan(anyelement, date, "any", anycompatible, boolean) IS
	'the set of this one borrowing, its institution and whether it is eligible, for merge()';

CREATE FUNCTION first_loan(borrower anyelement, granted_on timestamp, ref anycompatible)
	RETURNS first_loan_set
	AS 'MODULE_PATHNAME', 'first_loan_of'
	LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION first_loan(anyelement, timestamp, anycompatible) IS
	'the set of this one borrowing, for merge()';

CREATE FUNCTION first_loan(borrower anyelement, granted_on timestamp, institution "any", ref anycompatible)
	RETURNS first_loan_set
	AS 'MODULE_PATHNAME', 'first_loan_institution_of'
	LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION first_loan(anyelement, timestamp, "any", anycompatible) IS
	'the set of this one borrowing and its institution, for merge()';

CREATE FUNCTION first_loan(borrower anyelement, granted_on timestamp, institution "any", ref anycompatible, eligible boolean)
	RETURNS first_loan_set
	AS 'MODULE_PATHNAME', 'first_loan_institution_of'
	LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION first_loan(anyelement, timestamp, "any", anycompatible, boolean) IS
	'the set of this one borrowing, its institution and whether it is eligible, for merge()';

CREATE FUNCTION first_loan(borrower anyelement, granted_on timestamptz, ref anycompatible)
	RETURNS first_loan_set
	AS 'MODULE_PATHNAME', 'first_loan_of'
	LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION first_loan(anyelement, timestamptz, anycompatible) IS
	'the set of this one borrowing, for merge()';

CREATE FUNCTION first_loan(borrower anyelement, granted_on timestamptz, institution "any", ref anycompatible)
	RETURNS first_loan_set
	AS 'MODULE_PATHNAME', 'first_loan_institution_of'
	LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION first_loan(anyelement, timestamptz, "any", anycompatible) IS
	'the set of this one borrowing and its institution, for merge()';

CREATE FUNCTION first_loan(borrower anyelement, granted_on timestamptz, institution "any", ref anycompatible, eligible boolean)
	RETURNS first_loan_set
	AS 'MODULE_PATHNAME', 'first_loan_institution_of'
	LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION first_loan(anyelement, timestamptz, "any", anycompatible, boolean) IS
	'the set of this one borrowing, its institution and whether it is eligible, for merge()';

CREATE FUNCTION borrower_slice(borrower anyelement, n integer) RETURNS integer
	AS 'MODULE_PATHNAME', 'first_loan_borrower_slice'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION borrower_slice(anyelement, integer) IS
	'to which of n slices, counted from 0, a borrower belongs';
