/**
 * The JSON documents of the repository as records: their components are the fields, in this order. Field by field in
 * docs/FORMAT.md.
 */
package dev.hindsight.repository.document;
