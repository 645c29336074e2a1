//! Statements and what they choose, with the samples of the documents.

use super::{as_csv, as_json, code, csv, document, lines, rows, with_header};

/// The objects of the documents' samples.
const RULES: &str = r#"{ "Rules": [ {"id": "1"}, {"expr": "y > x"}, {"id": "2", "expr": "z = DEBUG"} ]}
{ "created": "June 27", "modified": "July 6" }"#;
const FOLDERS: &str = r#"{ "created": "936864000", "dir_name": "important_docs", "files": [ { "name": "." }, { "name": ".." } ], "owner": "AWS S3" }
{ "created": "936864000", "dir_name": "other_docs", "files": [ { "name": "." }, { "name": "my stuff" } ], "owner": "User" }"#;
const LEON: &str = r#"{
    "name": "Leon",
    "org": "Tencent",
    "projects":
        [
         {"project_name":"project1", "completed":true},
         {"project_name":"project2", "completed":false}
        ]
}"#;

fn json(sql: &str, content: &str) -> String {
    rows(sql, document(), as_json(), content).unwrap()
}

#[test]
fn names_may_begin_with_a_line() {
    let content = "{\"items\":[{\"_id\":1}],\"a\":{\"b\":{\"_c\":2}}}";
    let of = |sql: &str| rows(sql, lines(), as_csv(), content).unwrap();
    assert_eq!(
        of("SELECT s.items[0]._id, s.a['b']._c FROM COSObject s"),
        "1,2\n"
    );
    assert_eq!(of("SELECT s._c FROM COSObject[*].a.b s"), "2\n");
    let content = "{\"_source\":{\"n\":3}}";
    let sql = "SELECT s.n FROM COSObject[*]._source s";
    assert_eq!(rows(sql, document(), as_csv(), content).unwrap(), "3\n");
}

#[test]
fn paths_lead_to_rows() {
    assert_eq!(
        json("SELECT id FROM COSObject[*].Rules[*].id", RULES),
        "{\"id\":\"1\"}\n{}\n{\"id\":\"2\"}\n{}\n"
    );
    assert_eq!(
        json(
            "SELECT id FROM COSObject[*].Rules[*].id WHERE id IS NOT MISSING",
            RULES
        ),
        "{\"id\":\"1\"}\n{\"id\":\"2\"}\n"
    );
    assert_eq!(
        json("SELECT d.dir_name, d.files FROM COSObject[*] d", FOLDERS),
        "{\"dir_name\":\"important_docs\",\"files\":[{\"name\":\".\"},{\"name\":\"..\"}]}\n\
         {\"dir_name\":\"other_docs\",\"files\":[{\"name\":\".\"},{\"name\":\"my stuff\"}]}\n"
    );
    assert_eq!(
        json("SELECT _1.dir_name, _1.owner FROM COSObject[*]", FOLDERS),
        "{\"dir_name\":\"important_docs\",\"owner\":\"AWS S3\"}\n{\"dir_name\":\"other_docs\",\"owner\":\"User\"}\n"
    );
    let books = r#"{"books":[{"price":1.50},{"price":2}]}"#;
    assert_eq!(
        json("SELECT price FROM COSObject[*].books[*].price", books),
        "{\"price\":1.50}\n{\"price\":2}\n"
    );
    assert_eq!(
        json("SELECT _1.price FROM COSObject[*].books[*]", books),
        "{\"price\":1.50}\n{\"price\":2}\n"
    );
    assert_eq!(
        json("SELECT b.price p FROM COSObject[*]['books'][1] AS b", books),
        "{\"p\":2}\n"
    );
    assert_eq!(
        json("SELECT * FROM COSObject[*].*", "{\"a\":1,\"b\":[2]}"),
        "{\"_1\":1}\n{\"_1\":[2]}\n"
    );
    assert_eq!(json("SELECT * FROM COSObject[*].none[*]", "{}"), "{}\n");
    // A list is one row; its elements are rows by a path.
    assert_eq!(json("SELECT * FROM COSObject", "[1,2]"), "{\"_1\":[1,2]}\n");
    assert_eq!(
        json("SELECT COUNT(*) FROM S3Object[*][*]", "[1,2]"),
        "{\"_1\":2}\n"
    );
}

#[test]
fn parts_of_documents_are_named() {
    assert_eq!(
        json("Select s.name from COSObject s", LEON),
        "{\"name\":\"Leon\"}\n"
    );
    assert_eq!(
        json("Select s.projects[0].project_name from COSObject s", LEON),
        "{\"project_name\":\"project1\"}\n"
    );
    assert_eq!(
        json("Select s.projects[1]['completed'] from COSObject s", LEON),
        "{\"completed\":false}\n"
    );
    assert_eq!(
        json("Select COSObject.org from COSObject", LEON),
        "{\"org\":\"Tencent\"}\n"
    );
    assert_eq!(
        json("Select ORG, s.\"ORG\" from COSObject s", LEON),
        "{\"ORG\":\"Tencent\"}\n"
    );
    assert_eq!(
        json("Select s.projects[7].x, s.name.y from COSObject s", LEON),
        "{}\n"
    );
    assert_eq!(
        json("SELECT s.*, 1 one FROM COSObject s", "{\"a\":null}"),
        "{\"a\":null,\"one\":1}\n"
    );
    assert_eq!(
        code(
            "SELECT s.name FROM COSObject s",
            document(),
            r#"{"NAME":1,"name":2}"#
        ),
        "AmbiguousFieldName"
    );
    assert_eq!(
        json(
            "SELECT s.\"NAME\" FROM COSObject s",
            r#"{"NAME":1,"name":2}"#
        ),
        "{\"NAME\":1}\n"
    );
}

const PEOPLE: &str = "Id,FirstName,Amount\n1,Ada,150\n2,Eve,99.5\n3,Bob,1000\n";

#[test]
fn columns_have_numbers_or_names() {
    let numbered = |sql| rows(sql, csv(), as_csv(), "1,Ada,150\n2,Eve,99.5\n3,Bob,1000\n").unwrap();
    // The samples of the service's document.
    assert_eq!(
        numbered("SELECT s._1, s._2 FROM COSObject s WHERE s._3 > 100"),
        "1,Ada\n3,Bob\n"
    );
    assert_eq!(
        numbered("SELECT count(*) FROM COSObject s WHERE s._1 < 1"),
        "0\n"
    );
    assert_eq!(
        numbered("Select * from COSObject"),
        "1,Ada,150\n2,Eve,99.5\n3,Bob,1000\n"
    );
    assert_eq!(numbered("SELECT _2 FROM COSObject LIMIT 2"), "Ada\nEve\n");
    assert_eq!(
        numbered("SELECT _9 FROM COSObject WHERE _9 IS MISSING LIMIT 1"),
        "\n"
    );
    let named = |sql, output| rows(sql, with_header(), output, PEOPLE);
    assert_eq!(
        named("SELECT s.Id, s.FirstName FROM COSObject s", as_json()).unwrap(),
        "{\"Id\":\"1\",\"FirstName\":\"Ada\"}\n{\"Id\":\"2\",\"FirstName\":\"Eve\"}\n{\"Id\":\"3\",\"FirstName\":\"Bob\"}\n"
    );
    assert_eq!(
        named("SELECT firstname FROM COSObject WHERE _1 = 2", as_csv()).unwrap(),
        "Eve\n"
    );
    assert_eq!(
        named("SELECT * FROM COSObject s WHERE s.\"Id\" = '3'", as_json()).unwrap(),
        "{\"Id\":\"3\",\"FirstName\":\"Bob\",\"Amount\":\"1000\"}\n"
    );
    assert_eq!(
        named("SELECT s.\"firstname\" FROM COSObject s", as_csv())
            .unwrap_err()
            .code,
        "MissingHeaderName"
    );
    assert_eq!(
        rows(
            "SELECT name FROM COSObject",
            with_header(),
            as_csv(),
            "NAME,name\n1,2\n"
        )
        .unwrap_err()
        .code,
        "AmbiguousFieldName"
    );
    assert_eq!(
        rows(
            "SELECT s.\"NAME\" FROM COSObject s",
            with_header(),
            as_csv(),
            "NAME,name\n1,2\n"
        )
        .unwrap(),
        "1\n"
    );
    assert_eq!(
        code("SELECT Id FROM COSObject", csv(), PEOPLE),
        "MissingHeaderName"
    );
}

#[test]
fn functions_of_all_rows() {
    let all = |sql| rows(sql, with_header(), as_csv(), PEOPLE).unwrap();
    assert_eq!(
        all("SELECT COUNT(*), SUM(CAST(Amount AS DECIMAL)), AVG(CAST(Id AS INT)) FROM COSObject"),
        "3,1249.5,2\n"
    );
    assert_eq!(
        all("SELECT MIN(Amount), MAX(Amount) FROM COSObject"),
        "99.5,1000\n"
    );
    assert_eq!(
        all("SELECT MAX(Amount) - MIN(Amount) AS span FROM COSObject WHERE Id <> 2"),
        "850\n"
    );
    assert_eq!(
        all("SELECT SUM(Amount), COUNT(Amount) FROM COSObject WHERE false"),
        ",0\n"
    );
    assert_eq!(all("SELECT COUNT(*) FROM COSObject LIMIT 0"), "");
    let numbers = |sql| {
        rows(
            sql,
            lines(),
            as_json(),
            "{\"n\":1}\n{\"n\":2}\n{}\n{\"n\":null}\n",
        )
        .unwrap()
    };
    // What is missing is passed over; whole numbers have an average that may not be one.
    assert_eq!(
        numbers("SELECT COUNT(n) c, AVG(n) a, SUM(n) s FROM COSObject"),
        "{\"c\":2,\"a\":1.5,\"s\":3}\n"
    );
    assert_eq!(
        code(
            "SELECT SUM(FirstName) FROM COSObject",
            with_header(),
            PEOPLE
        ),
        "CastFailed"
    );
    assert_eq!(
        code("SELECT SUM(n) FROM COSObject", lines(), "{\"n\":\"1\"}"),
        "InvalidDataType"
    );
    let largest = "{\"n\":9223372036854775807}\n".repeat(2);
    assert_eq!(
        code("SELECT SUM(n) FROM COSObject", lines(), &largest),
        "IntegerOverflow"
    );
    assert_eq!(
        rows("SELECT AVG(n) FROM COSObject", lines(), as_csv(), largest).unwrap(),
        "9223372036854775807\n"
    );
}

#[test]
fn texts_that_are_no_numbers_do_not_compare_with_them() {
    let names = "Ada\n7\n";
    assert_eq!(
        rows(
            "SELECT * FROM COSObject WHERE _1 = 7",
            csv(),
            as_csv(),
            names
        )
        .unwrap(),
        "7\n"
    );
    assert_eq!(
        rows(
            "SELECT * FROM COSObject WHERE _1 IN (1, 7)",
            csv(),
            as_csv(),
            names
        )
        .unwrap(),
        "7\n"
    );
    assert_eq!(
        code("SELECT * FROM COSObject WHERE _1 > 5", csv(), names),
        "ComparisonFailed"
    );
    assert_eq!(
        code("SELECT * FROM COSObject WHERE _1", csv(), names),
        "InvalidDataType"
    );
    assert_eq!(
        code("SELECT * FROM COSObject WHERE _1 LIKE 5", csv(), names),
        "LikeInvalidInputs"
    );
}
