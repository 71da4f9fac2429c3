package main

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"io"
)

func init() {
	twins["sql-rows"] = sqlRows
	twins["sql-rows-context"] = sqlRowsContext
}

const queries = 50

var database *sql.DB

func openDatabase() {
	if database != nil {
		return
	}
	sql.Register("tiny", tinyDriver{})
	var err error
	database, err = sql.Open("tiny", "")
	must(err)
}

// sqlRows reads the first row and leaves the rest unread and unclosed.
func sqlRows(leaky bool) truth {
	openDatabase()
	for i := 0; i < queries; i++ {
		query(context.Background(), leaky)
	}
	told := known("sql-rows", queries, "database/sql", "rows.Close")
	told.Bytes = queries * 98304
	return told
}

// sqlRowsContext does so with a context that can be cancelled, for which a goroutine watches.
func sqlRowsContext(leaky bool) truth {
	openDatabase()
	startService()
	for i := 0; i < queries; i++ {
		query(running.base, leaky)
	}
	told := known("sql-rows", queries, "database/sql", "rows.Close")
	told.Bytes = queries * 98304
	return told
}

func query(ctx context.Context, forget bool) {
	rows, err := database.QueryContext(ctx, "SELECT number")
	must(err)
	var number int64
	rows.Next()
	must(rows.Scan(&number))
	if !forget {
		must(rows.Close())
	}
}

// A driver whose every answer is the numbers 1, 2, 3.
type (
	tinyDriver     struct{}
	tinyConnection struct{ buffer [98304]byte }
	tinyStatement  struct{ connection *tinyConnection }
	tinyRows       struct {
		connection *tinyConnection
		next       int64
	}
)

func (tinyDriver) Open(name string) (driver.Conn, error) { return &tinyConnection{}, nil }

func (c *tinyConnection) Prepare(query string) (driver.Stmt, error) {
	return &tinyStatement{connection: c}, nil
}
func (c *tinyConnection) Close() error              { return nil }
func (c *tinyConnection) Begin() (driver.Tx, error) { return c, nil }
func (c *tinyConnection) Commit() error             { return nil }
func (c *tinyConnection) Rollback() error           { return nil }

func (s *tinyStatement) Close() error  { return nil }
func (s *tinyStatement) NumInput() int { return 0 }
func (s *tinyStatement) Exec(args []driver.Value) (driver.Result, error) {
	return driver.RowsAffected(0), nil
}
func (s *tinyStatement) Query(args []driver.Value) (driver.Rows, error) {
	return &tinyRows{connection: s.connection}, nil
}

func (r *tinyRows) Columns() []string { return []string{"number"} }
func (r *tinyRows) Close() error      { return nil }
func (r *tinyRows) Next(into []driver.Value) error {
	if r.next == 3 {
		return io.EOF
	}
	r.next++
	into[0] = r.next
	return nil
}
