/** Records as JSON trees: the one way in which results leave, on the command line and through the API. */
package dev.hindsight.server.document;
