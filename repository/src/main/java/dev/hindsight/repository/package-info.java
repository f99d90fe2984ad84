/** The repository: everything Hindsight keeps, in a directory or bucket prefix. Layout and bytes: docs/FORMAT.md. */
package dev.hindsight.repository;
