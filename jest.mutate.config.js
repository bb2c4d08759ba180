/** For `npm run mutate`: the examples of the pure approval rules, without the property tests, so that each mutant is judged in a second. */
module.exports = {
  ...require('./jest.config.js'), testMatch: ['<rootDir>/test/approvals/{exact,policy,second-factor,signed}.test.ts'],
  testEnvironment: '@stryker-mutator/jest-runner/jest-env/node',
};
