// The text of a run file, line by line: which stages it has and what their keys say, and a key set or taken away. What a person has written, comments among it, stays.

const TOP = /^([A-Za-z0-9_-]+):(?:\s+(.*))?$/;

function uncommented(text) {
  return (text ?? '').replace(/(^|\s+)#.*$/, '').trim();
}

/** {keys: {name: value}, stages: [{name, line, end, indent, keys: {name: {value, line}}, flow}]}; values are as they are written. */
export function read(text) {
  const lines = text.split('\n');
  const keys = {};
  const stages = [];
  let inStages = false;
  let stage = null;
  let indent = 0;
  lines.forEach((line, i) => {
    if (!uncommented(line)) {
      return;
    }
    const depth = line.length - line.trimStart().length;
    const found = TOP.exec(line.trim());
    if (depth === 0) {
      inStages = found?.[1] === 'stages';
      stage = null;
      indent = 0;
      if (found && !inStages) {
        keys[found[1]] = {value: uncommented(found[2]), line: i};
      }
    } else if (inStages && found && (indent === 0 || depth === indent)) {
      indent = depth;
      const rest = uncommented(found[2]);
      stage = {name: found[1], line: i, end: i, indent: 0, keys: {}, flow: rest.startsWith('{')};
      if (stage.flow) {
        for (const pair of rest.slice(1, -1).split(/,(?![^[{]*[\]}])/)) {
          const at = pair.indexOf(':');
          if (at > 0) {
            stage.keys[pair.slice(0, at).trim()] = {value: pair.slice(at + 1).trim(), line: i};
          }
        }
      }
      stages.push(stage);
    } else if (stage) {
      stage.end = i;
      stage.indent ||= depth;
      if (found && depth === stage.indent) {
        stage.keys[found[1]] = {value: uncommented(found[2]), line: i};
      }
    }
  });
  return {keys, stages};
}

/** The text with a key of a stage (or, without a stage, of the run) set; an empty value takes it away. */
export function write(text, stageName, key, value) {
  const lines = text.split('\n');
  const known = read(text);
  if (!stageName) {
    const at = known.keys[key]?.line;
    return replaced(lines, at, 0, '', key, value);
  }
  const stage = known.stages.find(one => one.name === stageName);
  if (!stage) {
    return text;
  }
  if (stage.flow) {
    const pairs = Object.entries(stage.keys).filter(([name]) => name !== key).map(([name, one]) => `${name}: ${one.value}`);
    const indentation = lines[stage.line].slice(0, lines[stage.line].length - lines[stage.line].trimStart().length);
    lines[stage.line] = `${indentation}${stageName}: {${[...pairs, ...value === '' ? [] : [`${key}: ${value}`]].join(', ')}}`;
    return lines.join('\n');
  }
  return replaced(lines, stage.keys[key]?.line, stage.end + 1, ' '.repeat(stage.indent || 4), key, value);
}

function replaced(lines, at, end, indentation, key, value) {
  if (at !== undefined) {
    const comment = /\s+#.*$/.exec(lines[at])?.[0] ?? '';
    if (value === '') {
      lines.splice(at, 1);
    } else {
      lines[at] = `${indentation}${key}: ${value}${comment}`;
    }
  } else if (value !== '') {
    lines.splice(end, 0, `${indentation}${key}: ${value}`);
  }
  return lines.join('\n');
}

/** The text with one more stage at its end. */
export function addStage(text, name, type) {
  const body = text.trimEnd();
  const begun = /^stages:/m.test(body) ? body : (body ? body + '\n' : '') + 'stages:';
  return `${begun}\n  ${name}:\n    type: ${type}\n`;
}
