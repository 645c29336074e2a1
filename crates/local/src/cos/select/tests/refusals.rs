//! What is refused, and with which code and sentence.

use tcloud_cos::types::{
    CompressionType, CsvInput, CsvOutput, ExpressionType, FileHeaderInfo, InputSerialization,
    JsonInput, JsonOutput, JsonType, OutputSerialization, ParquetInput, QuoteFields,
};

use super::{as_csv, csv, document, request, rows, told};

/// Why an expression about columns is refused.
fn refused(sql: &str) -> String {
    let failure = rows(sql, csv(), as_csv(), "1,2\n").unwrap_err();
    assert_eq!(failure.code, "SQLParsingError", "{sql}: {failure:?}");
    failure.message
}

#[test]
#[expect(clippy::too_many_lines, reason = "a table")]
fn what_the_service_has_not_is_named() {
    for (sql, why) in [
        (
            "SELECT 'a",
            "Encountered an error parsing the SQL expression",
        ),
        (
            "SELECT *, _1 FROM COSObject",
            "Other expressions are not allowed in the SELECT list",
        ),
        (
            "SELECT _1, * FROM COSObject",
            "Other expressions are not allowed in the SELECT list",
        ),
        (
            "SELECT FROM COSObject",
            "The SQL expression contains an empty SELECT",
        ),
        (
            "SELECT _1 FROM COSObject GROUP BY _1",
            "GROUP is not supported in the SQL expression",
        ),
        (
            "SELECT _1 FROM COSObject UNION SELECT 1",
            "UNION is not supported in the SQL expression",
        ),
        ("SELECT _1", "FROM is missing in the SQL expression"),
        (
            "SELECT _1 FROM COSObject ORDER BY _1",
            "ORDER is not supported in the SQL expression",
        ),
        (
            "SELECT s._0 FROM COSObject s",
            "The column index is invalid in the SQL expression",
        ),
        (
            "SELECT _99999999999999999999 FROM COSObject",
            "The column index is invalid",
        ),
        (
            "SELECT * FROM COSObject s WHERE x._1 = 1",
            "The table alias is invalid",
        ),
        (
            "SELECT _1 FROM COSObject HAVING 1",
            "HAVING is not supported",
        ),
        (
            "SELECT a._1 FROM COSObject a JOIN COSObject b",
            "JOIN is not supported",
        ),
        (
            "SELECT _1 FROM COSObject a, COSObject b",
            "more than one table is not supported",
        ),
        (
            "SELECT (SELECT 1) FROM COSObject",
            "a subquery is not supported",
        ),
        (
            "SELECT DISTINCT _1 FROM COSObject",
            "DISTINCT or ALL is not supported",
        ),
        (
            "SELECT COUNT(DISTINCT _1) FROM COSObject",
            "DISTINCT or ALL in a function is not supported",
        ),
        ("SELECT _1 || _2 FROM COSObject", "|| is not supported"),
        (
            "SELECT SIZE(_1) FROM COSObject",
            "the function `SIZE` is not supported",
        ),
        (
            "SELECT now() FROM COSObject",
            "the function `NOW` is not supported",
        ),
        (
            "SELECT _1 FROM COSObject WHERE COUNT(*) > 1",
            "outside of the SELECT list",
        ),
        ("SELECT SUM(COUNT(*)) FROM COSObject", "within another one"),
        (
            "SELECT _1, COUNT(*) FROM COSObject",
            "columns cannot be selected beside functions",
        ),
        (
            "SELECT s.*, COUNT(*) FROM COSObject s",
            "columns cannot be selected beside functions",
        ),
        ("SELECT s.CAST FROM COSObject s", "CAST is a reserved word"),
        ("SELECT date FROM COSObject", "DATE is a reserved word"),
        (
            "SELECT _1 AS time FROM COSObject",
            "TIME is a reserved word",
        ),
        ("SELECT s FROM COSObject s", "leads to no column"),
        ("SELECT s._1.a FROM COSObject s", "leads to no column"),
        (
            "SELECT _1 FROM people",
            "expected COSObject, found `people`",
        ),
        (
            "SELECT _1 FROM COSObject[*].a",
            "only objects of JSON have paths",
        ),
        (
            "SELECT _1 FROM COSObject LIMIT -1",
            "expected a number of rows",
        ),
        (
            "SELECT _1 FROM COSObject LIMIT 1 OFFSET 1",
            "OFFSET is not supported",
        ),
        (
            "SELECT _1 FROM COSObject WHERE _1 IS 1",
            "expected NULL or MISSING",
        ),
        (
            "SELECT CAST(_1 AS blob) FROM COSObject",
            "expected one of bool, int",
        ),
        (
            "SELECT DATE_ADD(week, 1, UTCNOW()) FROM COSObject",
            "expected one of year, month",
        ),
        (
            "SELECT LOWER(_1, _2) FROM COSObject",
            "LOWER takes 1 arguments, and got 2",
        ),
        ("SELECT CASE END FROM COSObject", "END is a reserved word"),
        ("SELECT _1; DROP TABLE a", "FROM is missing"),
        (
            "SELECT _1 FROM COSObject; DELETE",
            "expected the end, found `DELETE`",
        ),
        ("DELETE FROM COSObject", "expected SELECT, found `DELETE`"),
        (
            "SELECT _1 FROM COSObject WHERE",
            "at its end: expected an expression, found nothing",
        ),
        ("SELECT _1 FROM COSObject WHERE _1 = ?", "line 1, column 37"),
        ("SELECT 1.2.3 FROM COSObject", "expected"),
        ("SELECT X'ff' FROM COSObject", "expected an expression"),
    ] {
        let message = refused(sql);
        assert!(message.contains(why), "{sql}: {message}");
    }
    let message = rows("SELECT a FROM COSObject.a", document(), as_csv(), "{}")
        .unwrap_err()
        .message;
    assert!(
        message.contains("has to begin with COSObject[*]"),
        "{message}"
    );
}

/// The code and the sentence of a request that is not answered.
fn of(
    sql: &str,
    kind: &str,
    input: InputSerialization,
    output: OutputSerialization,
) -> (&'static str, String) {
    let mut asked = request(sql, input, output);
    asked.expression_type = Some(match kind {
        "SQL" => ExpressionType::Sql,
        other => ExpressionType::Unknown(other.to_owned()),
    });
    let failure = told(&asked, b"1\n").1.unwrap_err();
    (failure.code, failure.message)
}

const ALL: &str = "SELECT * FROM COSObject";

#[test]
fn inputs_that_there_are_not() {
    let input = |input| of(ALL, "SQL", input, as_csv());
    let form = |csv| input(InputSerialization::new().csv(csv));
    let new = CsvInput::new;
    for (refused, code, message) in [
        (
            of(" ", "SQL", csv(), as_csv()),
            "MissingExpectedExpression",
            "The SQL expression is missing",
        ),
        (
            of(ALL, "PartiQL", csv(), as_csv()),
            "InvalidRequestParameter",
            "Only SQL",
        ),
        (
            input(csv().compression_type(CompressionType::Unknown("ZIP".into()))),
            "InvalidCompressionFormat",
            "Only GZIP and BZIP2 are supported",
        ),
        (
            input(InputSerialization::new()),
            "MissingInputFormat",
            "The input format is missing",
        ),
        (
            form(new().file_header_info(FileHeaderInfo::Unknown("SOME".into()))),
            "InvalidFileHeaderInfo",
            "Only NONE, USE, and IGNORE are supported",
        ),
        (
            form(new().record_delimiter("abc")),
            "InvalidRequestParameter",
            "The input RecordDelimiter of CSV is invalid",
        ),
        (
            form(new().field_delimiter("ab")),
            "InvalidRequestParameter",
            "The input FieldDelimiter of CSV is invalid",
        ),
        (
            form(new().quote_character("é")),
            "InvalidRequestParameter",
            "The input QuoteCharacter of CSV is invalid",
        ),
        (
            form(new().quote_escape_character("\\x")),
            "InvalidRequestParameter",
            "The input QuoteEscapeCharacter of CSV is invalid",
        ),
        (
            form(new().comments("//")),
            "InvalidRequestParameter",
            "The input Comment of CSV is invalid",
        ),
        (
            form(new().field_delimiter("\"")),
            "InvalidRequestParameter",
            "have to differ",
        ),
        (
            input(InputSerialization::new().json(JsonInput::new(JsonType::Unknown("LIST".into())))),
            "InvalidJsonType",
            "Only DOCUMENT and LINES are supported",
        ),
        (
            input(csv().json(JsonInput::new(JsonType::Lines))),
            "InvalidRequestParameter",
            "more than one format",
        ),
        (
            input(InputSerialization::new().parquet(ParquetInput::new())),
            "NotImplemented",
            "Parquet",
        ),
    ] {
        assert_eq!(refused.0, code, "{refused:?}");
        assert!(refused.1.contains(message), "{refused:?}");
    }
}

#[test]
fn outputs_that_there_are_not() {
    let output = |output| of(ALL, "SQL", csv(), output);
    let form = |csv| output(OutputSerialization::new().csv(csv));
    let new = CsvOutput::new;
    for (refused, code, message) in [
        (
            output(OutputSerialization::new()),
            "MissingOutputFormat",
            "The output format is missing",
        ),
        (
            form(new().quote_fields(QuoteFields::Unknown("NEVER".into()))),
            "InvalidQuoteFields",
            "Only ALWAYS and ASNEEDED are supported",
        ),
        (
            form(new().record_delimiter("abc")),
            "InvalidRequestParameter",
            "The output RecordDelimiter of CSV is invalid",
        ),
        (
            form(new().field_delimiter("ab")),
            "InvalidRequestParameter",
            "The output FieldDelimiter of CSV is invalid",
        ),
        (
            form(new().quote_character("''")),
            "InvalidRequestParameter",
            "The output QuoteCharacter of CSV is invalid",
        ),
        (
            form(new().quote_escape_character("''")),
            "InvalidRequestParameter",
            "The output QuoteEscapeCharacter of CSV is invalid",
        ),
        (
            output(OutputSerialization::new().json(JsonOutput::new().record_delimiter("abc"))),
            "InvalidRequestParameter",
            "The output RecordDelimiter of JSON is invalid",
        ),
        (
            output(as_csv().json(JsonOutput::new())),
            "InvalidRequestParameter",
            "more than one format",
        ),
    ] {
        assert_eq!(refused.0, code, "{refused:?}");
        assert!(refused.1.contains(message), "{refused:?}");
    }
}

#[test]
fn an_expression_has_at_most_256_kib() {
    let padded = |length: usize| format!("{ALL}{}", " ".repeat(length - ALL.len()));
    assert!(rows(&padded(256 * 1024), csv(), as_csv(), "1\n").is_ok());
    assert!(refused(&padded(256 * 1024 + 1)).contains("longer than 256 KB"));
}
