-- complain if script is sourced in psql, rather than via CREATE EXTENSION
\echo Use "CREATE EXTENSION first_loan" to load this file. \quit


-- Analysts and BI tools connect as ordinary roles.
GRANT USAGE ON SCHEMA @extschema@ TO PUBLIC;
