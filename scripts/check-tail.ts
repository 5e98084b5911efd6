/** The size of the tail: functions beyond 70 lines and files beyond 400 usually hold two things. */
import { readFileSync } from 'node:fs';
import ts from 'typescript';

const MAX_FUNCTION_LINES = 70;
const MAX_FILE_LINES = 400;
/** Tables of facts are long by nature: a file that says so in its first lines is not code with a tail. */
const FACTS_MARK = '@facts';

/** One line for each function or file beyond its limit. */
export function oversized(files: readonly string[]): string[] {
  if (files.length === 0) throw new Error('check-tail: no files to read');
  return files.flatMap((file) => {
    const text = readFileSync(file, 'utf8');
    const findings: string[] = [];
    const lines = text.split('\n').length;
    const facts = text.slice(0, 600).includes(FACTS_MARK);
    if (lines > MAX_FILE_LINES && !facts) findings.push(`${file}: ${lines} lines (at most ${MAX_FILE_LINES})`);
    const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
    visit(source, source, file, findings);
    return findings;
  });
}

function visit(node: ts.Node, source: ts.SourceFile, file: string, findings: string[]): void {
  if (ts.isFunctionLike(node) && 'body' in node && node.body !== undefined) {
    const start = source.getLineAndCharacterOfPosition(node.getStart(source)).line;
    const end = source.getLineAndCharacterOfPosition(node.getEnd()).line;
    const lines = end - start + 1;
    if (lines > MAX_FUNCTION_LINES) {
      const name = 'name' in node && node.name !== undefined ? (node.name as ts.Node).getText(source) : '(function)';
      findings.push(`${file}:${start + 1}: ${name} has ${lines} lines (at most ${MAX_FUNCTION_LINES})`);
    }
  }
  ts.forEachChild(node, (child) => visit(child, source, file, findings));
}
