/** What a verb looks at before it plans: ring, schema, nodes and their agents, read so that they belong together. */
package dev.hindsight.operations.survey;
