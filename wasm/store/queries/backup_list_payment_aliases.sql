-- Made by tests/native/backup/tables_test.cc.
SELECT 1
