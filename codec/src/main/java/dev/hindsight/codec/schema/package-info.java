/** A table as its bytes need it, from the DDL that a manifest holds. */
package dev.hindsight.codec.schema;
