//! Functions and operators, with the samples of the documents: the service's own, and those of S3,
//! whose SQL it has taken over.

use super::{as_csv, as_json, document, rows};
use crate::cos::select::failure::Failure;

/// What an expression is, as a column of CSV.
fn value(expression: &str) -> Result<String, Failure> {
    let sql = format!("SELECT {expression} FROM COSObject");
    let row = rows(&sql, document(), as_csv(), "{}")?;
    Ok(row.strip_suffix('\n').unwrap().to_owned())
}

/// The same as JSON, where nothing and an empty text differ.
fn json(expression: &str) -> String {
    let sql = format!("SELECT {expression} AS v FROM COSObject");
    rows(&sql, document(), as_json(), "{}").unwrap()
}

fn all_are(samples: &[(&str, &str)]) {
    for (expression, expected) in samples {
        assert_eq!(value(expression).unwrap(), *expected, "{expression}");
    }
}

#[test]
fn conditional_functions() {
    for (expression, expected) in [
        ("COALESCE(1)", "1"),
        ("COALESCE(1, null)", "1"),
        ("COALESCE(null, null, 1)", "1"),
        ("COALESCE(missing, 1)", "1"),
        ("COALESCE(null, 'string')", "\"string\""),
        ("COALESCE(null)", "null"),
        ("COALESCE(null, null)", "null"),
        ("COALESCE(missing)", "null"),
        ("COALESCE(missing, missing)", "null"),
        ("NULLIF(1, 2)", "1"),
        ("NULLIF(1, '1')", "1"),
        ("NULLIF(1, NULL)", "1"),
        ("NULLIF(1, 1)", "null"),
        ("NULLIF(1.0, 1)", "null"),
        ("NULLIF(missing, null)", "null"),
        ("NULLIF(missing, missing)", "null"),
        ("NULLIF([1], [1])", "null"),
        ("NULLIF(NULL, 1)", "null"),
        ("NULLIF(null, null)", "null"),
    ] {
        assert_eq!(
            json(expression),
            format!("{{\"v\":{expected}}}\n"),
            "{expression}"
        );
    }
}

#[test]
fn conversions() {
    all_are(&[
        (
            "CAST('2007-04-05T14:30Z' AS TIMESTAMP)",
            "2007-04-05T14:30Z",
        ),
        ("CAST(0.456 AS FLOAT)", "0.456"),
        ("CAST('12' AS INT)", "12"),
        ("CAST(12.9 AS INTEGER)", "12"),
        ("CAST('1.50' AS DECIMAL)", "1.50"),
        ("CAST('1.50' AS NUMERIC(10, 1))", "1.50"),
        ("CAST(12 AS STRING)", "12"),
        ("CAST('TRUE' AS BOOL)", "true"),
        ("CAST(null AS INT)", ""),
    ]);
    for expression in [
        "CAST('x' AS INT)",
        "CAST('1.5' AS INT)",
        "CAST('' AS FLOAT)",
        "CAST('yes' AS BOOL)",
        "CAST('2007' AS TIMESTAMP)",
        "CAST(9223372036854775808 AS INT)",
        "CAST([1] AS STRING)",
    ] {
        assert_eq!(
            value(expression).unwrap_err().code,
            "CastFailed",
            "{expression}"
        );
    }
}

#[test]
fn dates() {
    all_are(&[
        ("DATE_ADD(year, 5, `2010-01-01T`)", "2015-01-01"),
        ("DATE_ADD(month, 1, `2010T`)", "2010-02T"),
        ("DATE_ADD(month, 13, `2010T`)", "2011-02T"),
        ("DATE_ADD(day, -1, `2017-01-10T`)", "2017-01-09"),
        ("DATE_ADD(hour, 1, `2017T`)", "2017-01-01T01:00-00:00"),
        (
            "DATE_ADD(hour, 1, `2017-01-02T03:04Z`)",
            "2017-01-02T04:04Z",
        ),
        (
            "DATE_ADD(minute, 1, `2017-01-02T03:04:05.006Z`)",
            "2017-01-02T03:05:05.006Z",
        ),
        (
            "DATE_ADD(second, 1, `2017-01-02T03:04:05.006Z`)",
            "2017-01-02T03:04:06.006Z",
        ),
        ("DATE_DIFF(year, `2010-01-01T`, `2011-01-01T`)", "1"),
        // The documents say year here, and give the months.
        ("DATE_DIFF(month, `2010T`, `2010-05T`)", "4"),
        ("DATE_DIFF(month, `2010T`, `2011T`)", "12"),
        ("DATE_DIFF(month, `2011T`, `2010T`)", "-12"),
        (
            "DATE_DIFF(day, `2010-01-01T23:00T`, `2010-01-02T01:00T`)",
            "0",
        ),
        ("EXTRACT(YEAR FROM `2010-01-01T`)", "2010"),
        ("EXTRACT(MONTH FROM `2010T`)", "1"),
        ("EXTRACT(MONTH FROM `2010-10T`)", "10"),
        ("EXTRACT(HOUR FROM `2017-01-02T03:04:05+07:08`)", "3"),
        ("EXTRACT(MINUTE FROM `2017-01-02T03:04:05+07:08`)", "4"),
        (
            "EXTRACT(TIMEZONE_HOUR FROM `2017-01-02T03:04:05+07:08`)",
            "7",
        ),
        (
            "EXTRACT(TIMEZONE_MINUTE FROM `2017-01-02T03:04:05+07:08`)",
            "8",
        ),
        ("TO_TIMESTAMP('2007T')", "2007T"),
        (
            "TO_TIMESTAMP('2007-02-23T12:14:33.079-08:00')",
            "2007-02-23T12:14:33.079-08:00",
        ),
        ("UTCNOW()", "2017-10-13T16:02:11.123Z"),
        ("`2017-01-02T03:00Z` = `2017-01-02T04:00+01:00`", "true"),
    ]);
    assert_eq!(
        value("TO_TIMESTAMP('2007')").unwrap_err().code,
        "ValueParseFailure"
    );
    assert_eq!(
        value("DATE_ADD(year, 1, '2007T')").unwrap_err().code,
        "IncorrectSqlFunctionArgumentType"
    );
}

#[test]
fn times_as_texts() {
    for (time, pattern, expected) in [
        ("1969-07-20T20:18Z", "MMMM d, y", "July 20, 1969"),
        ("1969-07-20T20:18Z", "MMM d, yyyy", "Jul 20, 1969"),
        ("1969-07-20T20:18Z", "M-d-yy", "7-20-69"),
        ("1969-07-20T20:18Z", "MM-d-y", "07-20-1969"),
        (
            "1969-07-20T20:18Z",
            "MMMM d, y h:m a",
            "July 20, 1969 8:18 PM",
        ),
        (
            "1969-07-20T20:18Z",
            "y-MM-dd''T''H:m:ssX",
            "1969-07-20T20:18:00Z",
        ),
        (
            "1969-07-20T20:18+08:00",
            "y-MM-dd''T''H:m:ssXXXX",
            "1969-07-20T20:18:00+0800",
        ),
        (
            "1969-07-20T20:18+08:00",
            "y-MM-dd''T''H:m:ssXXXXX",
            "1969-07-20T20:18:00+08:00",
        ),
        (
            "1998-01-02T03:04:05.06Z",
            "MMMMM hh HH mm s S SS SSS n x",
            "J 03 03 04 5 0 06 060 60000000 +00",
        ),
    ] {
        let sql = format!("SELECT TO_STRING(`{time}`, '{pattern}') AS v FROM COSObject");
        let row = rows(&sql, document(), as_json(), "{}").unwrap();
        assert_eq!(row, format!("{{\"v\":\"{expected}\"}}\n"), "{pattern}");
    }
    for (pattern, code) in [
        ("Q", "EvaluatorInvalidTimestampFormatPattern"),
        ("yyy", "EvaluatorInvalidTimestampFormatPattern"),
        ("y''T", "EvaluatorUnterminatedTimestampFormatPatternToken"),
    ] {
        let refused = value(&format!("TO_STRING(UTCNOW(), '{pattern}')")).unwrap_err();
        assert_eq!(refused.code, code, "{pattern}");
    }
}

#[test]
fn texts() {
    all_are(&[
        ("CHAR_LENGTH('null')", "4"),
        ("CHAR_LENGTH('')", "0"),
        ("CHARACTER_LENGTH('tencent')", "7"),
        ("CHAR_LENGTH('腾讯云')", "3"),
        ("LOWER('TENcent')", "tencent"),
        ("LOWER('AbCdEfG!@#$')", "abcdefg!@#$"),
        ("UPPER('tenCENT')", "TENCENT"),
        ("SUBSTRING('123456789', 0)", "123456789"),
        ("SUBSTRING('123456789', 1)", "123456789"),
        ("SUBSTRING('123456789', 2)", "23456789"),
        ("SUBSTRING('123456789', -4)", "123456789"),
        ("SUBSTRING('123456789', 0, 999)", "123456789"),
        ("SUBSTRING('123456789', 1, 5)", "12345"),
        ("SUBSTRING('123456789' FROM 3 FOR 2)", "34"),
        ("SUBSTRING('123456789', -1, 4)", "12"),
        ("SUBSTRING('123456789', -4, 2)", ""),
        ("TRIM('       foobar         ')", "foobar"),
        ("TRIM('      \tfoobar\t         ')", "\tfoobar\t"),
        (
            "TRIM(LEADING FROM '       foobar         ')",
            "foobar         ",
        ),
        (
            "TRIM(TRAILING FROM '       foobar         ')",
            "       foobar",
        ),
        ("TRIM(BOTH FROM '       foobar         ')", "foobar"),
        ("TRIM(BOTH '12' FROM '1112211foobar22211122')", "foobar"),
    ]);
    assert_eq!(
        value("LOWER(1)").unwrap_err().code,
        "IncorrectSqlFunctionArgumentType"
    );
    assert_eq!(
        value("SUBSTRING('a', 1, -1)").unwrap_err().code,
        "EvaluatorInvalidArguments"
    );
}

#[test]
fn operators_bind_as_the_document_says() {
    all_are(&[
        ("1 + 2 * 3 - 4 / 2 % 3", "5"),
        ("-2 * -3", "6"),
        ("(1 + 2) * 3", "9"),
        ("7 % 4", "3"),
        ("7 / 2", "3"),
        ("7.0 / 2", "3.5"),
        ("0.1 + 0.2", "0.3"),
        ("1e2 + 1", "101"),
        ("true OR false AND false", "true"),
        ("NOT false AND false", "false"),
        ("NOT 1 = 2", "true"),
        // What is unequal binds more tightly than what is equal.
        ("true = 1 < 2", "true"),
        ("false = 1 <> 1", "true"),
        ("2 + 1 IN (3, 4)", "true"),
        ("2 BETWEEN 1 AND 3 AND true", "true"),
        ("2 NOT BETWEEN 1 AND 3", "false"),
        ("'abc' LIKE 'a%' AND NOT 'abc' LIKE '_'", "true"),
        ("'a_c' LIKE 'a\\_c' ESCAPE '\\'", "true"),
        ("'abc' NOT LIKE 'a\\_c' ESCAPE '\\'", "true"),
        ("1 != 2", "true"),
        ("1 = '1'", "false"),
    ]);
}

#[test]
fn what_is_not_known_is_neither_true_nor_false() {
    all_are(&[
        ("null AND false", "false"),
        ("false AND null", "false"),
        ("null AND true", ""),
        ("null OR true", "true"),
        ("missing OR false", ""),
        ("NOT null", ""),
        ("null = null", ""),
        ("1 < missing", ""),
        ("1 IN (2, null)", ""),
        ("1 IN (1, null)", "true"),
        ("null + 1", ""),
        ("null IS NULL", "true"),
        ("missing IS NULL", "true"),
        ("missing IS MISSING", "true"),
        ("null IS MISSING", "false"),
        ("null IS NOT NULL", "false"),
        ("1 IS NOT MISSING", "true"),
        ("LOWER(missing)", ""),
    ]);
}

#[test]
fn only_what_decides_is_computed() {
    all_are(&[
        ("false AND 1 / 0 = 1", "false"),
        ("true OR 1 / 0 = 1", "true"),
        ("COALESCE(1, 1 / 0)", "1"),
        ("CASE WHEN true THEN 1 ELSE 1 / 0 END", "1"),
        (
            "CASE 2 WHEN 1 THEN 'one' WHEN 2 THEN 'two' ELSE 'many' END",
            "two",
        ),
        ("CASE 3 WHEN 1 THEN 'one' END", ""),
        (
            "CASE WHEN 1 > 2 THEN 'a' WHEN null THEN 'b' ELSE 'c' END",
            "c",
        ),
        (
            "1 + CASE 'New York City' WHEN 'New York City' THEN 1 ELSE 2 END",
            "2",
        ),
    ]);
    assert_eq!(
        value("1 / 0").unwrap_err().code,
        "EvaluatorInvalidArguments"
    );
}
