-- Says that a licence is refused from now on. One row, no index.
UPDATE state SET epoch = epoch + 1
